import { z } from 'zod';
import { InputError } from '../core/errors.ts';
import type { JudgeReply } from '../core/ports/judge.ts';
import type { Rubric } from '../core/rubric.ts';
import type { Judging } from '../core/run.ts';
import type { Verdict } from '../core/verdict.ts';
import { type JudgeJob, verdictOf } from '../core/verdictOf.ts';
import { type BatchOmission, batchId, batchStem, omissionNotes } from './batchOmissions.ts';
import { type OpenAiJudgeSpec, judgeBody } from './openai/judgeBody.ts';
import { readCompletion } from './openai/readCompletion.ts';

export interface BatchOptions {
  readonly judge: OpenAiJudgeSpec;
  readonly rubric: Rubric;
  /** Numbers in [0, 1), for the fences. */
  readonly random: () => number;
  /** What the model refuses: reasoning models refuse the temperature. */
  readonly leaveOut?: readonly BatchOmission[];
}

/** The most that one file may hold. Source: OpenAI's Batch API guide (50,000 requests, 200 MB). */
export const batchLimits = { calls: 50_000, bytes: 200_000_000 } as const;

/**
 * The judge's calls as lines of an OpenAI Batch file, so that no key has to enter the browser. The custom_id holds
 * the verdict's key. Source of the form: OpenAI's Batch API guide (custom_id, method, url, body).
 */
export function* writeBatch(jobs: Iterable<JudgeJob>, options: BatchOptions): Generator<string> {
  for (const job of jobs) {
    const request = {
      custom_id: batchId(job.key, options.leaveOut ?? []),
      method: 'POST',
      url: '/v1/chat/completions',
      body: bodyOf(job, options),
    };
    yield `${JSON.stringify(request)}\n`;
  }
}

/** As when judging at once, but with the token limit under the name that every model of the Batch API takes. */
function bodyOf({ prompt, rollout }: JudgeJob, { judge, rubric, random, leaveOut = [] }: BatchOptions) {
  const request = { rubric, prompt, answer: rollout.text };
  const { max_tokens: limit, ...body } = judgeBody(judge, request, random);
  const kept = Object.entries(body).filter(([name]) => !leaveOut.some((left) => left === name));
  return { ...Object.fromEntries(kept), max_completion_tokens: limit };
}

/** The lines of one file after another, each within the limits. */
export function* splitBatch(
  lines: Iterable<string>,
  limits: { readonly calls: number; readonly bytes: number } = batchLimits,
): Generator<readonly string[]> {
  const encoder = new TextEncoder();
  let file: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const lineBytes = encoder.encode(line).length;
    if (file.length > 0 && (file.length >= limits.calls || bytes + lineBytes > limits.bytes)) {
      yield file;
      file = [];
      bytes = 0;
    }
    file.push(line);
    bytes += lineBytes;
  }
  if (file.length > 0) yield file;
}

/** "calls.jsonl" as it is where one file holds all, else "calls-1.jsonl" and so on. */
export function batchFileName(name: string, index: number, count: number): string {
  return count === 1 ? name : name.replace(/(\.\w+)?$/, (ending) => `-${index + 1}${ending}`);
}

const fault = z.object({ message: z.string() });

const lineSchema = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.int(), body: z.unknown() }).nullish(),
  error: fault.nullish(),
});
type ResultLine = z.infer<typeof lineSchema>;

export interface BatchResult {
  readonly verdicts: readonly Verdict[];
  /** Lines about answers that are not among the jobs: another run's, or another rubric's. */
  readonly foreign: number;
}

export interface BatchReading {
  readonly jobs: readonly JudgeJob[];
  readonly judging: Judging;
  readonly rubric: Rubric;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface BatchFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads a batch's result files. A reply that cannot be read, or an error in its place, is a failed verdict; one that
 * was scored in another file counts before it. Throws {@link InputError} naming file and line when a file is none,
 * or has nothing for these jobs.
 */
export function readBatchResults(files: readonly BatchFile[], reading: BatchReading): BatchResult {
  const jobs = new Map(reading.jobs.map((job) => [batchStem(job.key), job]));
  const verdicts = new Map<string, Verdict>();
  let foreign = 0;
  for (const file of files) {
    const part = readFile(file, jobs, reading);
    foreign += part.foreign;
    for (const verdict of part.verdicts) {
      const known = verdicts.get(verdict.key);
      if (verdict.status === 'scored' || known?.status !== 'scored') verdicts.set(verdict.key, verdict);
    }
  }
  return { verdicts: [...verdicts.values()], foreign };
}

function readFile(
  { name, text }: BatchFile,
  jobs: ReadonlyMap<string, JudgeJob>,
  reading: BatchReading,
): BatchResult {
  const verdicts: Verdict[] = [];
  let foreign = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const result = parseLine(line, `${name}, line ${index + 1}`);
    const job = jobs.get(batchStem(result.custom_id));
    if (job) verdicts.push(verdictFrom(result, job, reading));
    else foreign += 1;
  }
  if (verdicts.length > 0) return { verdicts, foreign };
  throw new InputError(
    `${name} has no verdicts on this run by this rubric and judge. ` +
      'Choose the result of a batch file that was exported here.',
  );
}

function parseLine(line: string, place: string): ResultLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new InputError(`${place}: this is not JSON. Was the file cut off? Nothing was imported.`, {
      cause,
    });
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success && (parsed.data.response || parsed.data.error)) return parsed.data;
  if (parsed.success) {
    throw new InputError(`${place}: this line holds a call or nothing, not a result. Nothing was imported.`);
  }
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? 'a field';
  throw new InputError(`${place}: this is not a batch result, "${field}" is wrong. Nothing was imported.`);
}

function verdictFrom(
  result: ResultLine,
  job: JudgeJob,
  { judging, rubric, createdAt }: BatchReading,
): Verdict {
  const body = result.response?.body;
  const { notes, ...reply } = readCompletion(body) ?? noReply;
  const omitted = judging.judge.kind === 'openai' ? omissionNotes(result.custom_id, judging.judge) : [];
  const asBatch = { ...reply, notes: ['Judged by a batch file.', ...omitted, ...notes] };
  const verdict = verdictOf(job, judging, rubric, asBatch, createdAt);
  const failure = result.error ?? z.object({ error: fault }).safeParse(body).data?.error;
  if (!failure || verdict.status === 'scored') return verdict;
  return { ...verdict, error: `The batch gave an error instead of a verdict: ${failure.message}` };
}

const noReply: JudgeReply = { raw: '', inputTokens: null, outputTokens: null, notes: [] };
