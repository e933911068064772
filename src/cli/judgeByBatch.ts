import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { changeRun } from '../core/changeRun.ts';
import { InputError } from '../core/errors.ts';
import { judgingOf, planJudging, withJudging } from '../core/planJudging.ts';
import type { JudgeJob } from '../core/verdictOf.ts';
import type { JudgeSpec } from '../core/judgeSpec.ts';
import { systemClock, timestamp } from '../core/ports/clock.ts';
import type { Rubric } from '../core/rubric.ts';
import { batchFileName, readBatchResults, splitBatch, writeBatch } from '../judges/batch.ts';
import type { BatchOmission } from '../judges/batchOmissions.ts';
import { readInput } from './catalogue.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import type { RunFolder } from './runFolder.ts';

export interface BatchFiles {
  readonly batchOut?: string;
  readonly batchIn?: readonly string[];
  readonly batchLeaveOut?: readonly BatchOmission[];
  readonly json?: boolean;
}

/** Writes the calls that a judging lacks to a batch file, or reads the verdicts from a batch's result. */
export async function judgeByBatch(
  folder: RunFolder,
  judge: JudgeSpec,
  rubrics: readonly Rubric[],
  files: BatchFiles,
): Promise<ExitCode> {
  const [rubric] = rubrics;
  const { run, store } = folder;
  if (judge.kind !== 'openai')
    throw new InputError('A batch file needs --base-url and --model of the judge.');
  if (!run || !rubric || rubrics.length > 1) {
    throw new InputError(
      `A batch file is for one rubric. Choose with --rubric: ${rubrics.map(({ id }) => id).join(', ')}.`,
    );
  }
  const judging = judgingOf({ spec: judge }, rubric);
  const jobs = await planJudging(store, run, judging, rubric);
  const asJson = { json: files.json === true };
  if (files.batchOut !== undefined) {
    const leaveOut = files.batchLeaveOut ?? [];
    const calls = [...writeBatch(jobs.filter(isOpen), { judge, rubric, random: Math.random, leaveOut })];
    const paths = await writeFiles(files.batchOut, calls);
    printResult(
      { calls: calls.length, files: paths },
      `${calls.length} calls are in ${paths.join(', ')}.`,
      asJson,
    );
    return exitCodes.done;
  }
  const createdAt = timestamp(systemClock);
  const reading = { jobs: jobs.filter(isOpen), judging, rubric, createdAt };
  const results = await Promise.all((files.batchIn ?? []).map(readResult));
  const { verdicts, foreign } = readBatchResults(results, reading);
  await changeRun(store, run.id, (stored) => withJudging(stored ?? run, judging));
  await store.put(
    'verdicts',
    verdicts.map((verdict) => [verdict.key, verdict] as const),
  );
  const failed = verdicts.filter(({ status }) => status === 'failed').length;
  const text = `${verdicts.length} verdicts were read, ${failed} of them failed; ${foreign} lines were about other answers.`;
  printResult({ verdicts: verdicts.length, failed, foreign }, text, asJson);
  return failed === 0 ? exitCodes.done : exitCodes.incomplete;
}

/** A verdict that is stored stays; a failed one may be replaced. */
const isOpen = ({ stored }: JudgeJob): boolean => stored?.status !== 'scored';

const readResult = async (path: string) => ({ name: basename(path), text: await readInput(path) });

/** One file, or as many as the limits of a batch ask for. Gives their paths. */
async function writeFiles(path: string, calls: readonly string[]): Promise<string[]> {
  if (calls.length === 0)
    throw new InputError('Every answer has a verdict already: there is nothing to judge.');
  const files = [...splitBatch(calls)];
  const paths = files.map((_, index) => batchFileName(path, index, files.length));
  for (const [index, lines] of files.entries()) await writeFile(paths[index] ?? path, lines.join(''));
  return paths;
}
