import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InputError } from '../core/errors.ts';
import { judgingOf, planJudging, withJudging } from '../core/judging.ts';
import type { JudgeJob } from '../core/verdictOf.ts';
import type { JudgeSpec } from '../core/judgeSpec.ts';
import { systemClock, timestamp } from '../core/ports/clock.ts';
import type { Rubric } from '../core/rubric.ts';
import { readBatchResult, writeBatch } from '../judges/batch.ts';
import { readInput } from './catalogue.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import type { RunFolder } from './runFolder.ts';

export interface BatchFiles {
  readonly batchOut?: string;
  readonly batchIn?: string;
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
    const calls = await writeCalls(files.batchOut, jobs, judge, rubric);
    printResult({ calls, file: files.batchOut }, `${calls} calls are in ${files.batchOut}.`, asJson);
    return exitCodes.done;
  }
  const file = files.batchIn ?? '';
  const createdAt = timestamp(systemClock);
  const reading = { fileName: basename(file), jobs: jobs.filter(isOpen), judging, rubric, createdAt };
  const { verdicts, foreign } = readBatchResult(await readInput(file), reading);
  await store.put('runs', [[run.id, withJudging(run, judging)]]);
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

async function writeCalls(
  path: string,
  jobs: readonly JudgeJob[],
  judge: Extract<JudgeSpec, { kind: 'openai' }>,
  rubric: Rubric,
): Promise<number> {
  const lines = [...writeBatch(jobs.filter(isOpen), { judge, rubric, random: Math.random })];
  if (lines.length === 0)
    throw new InputError('Every answer has a verdict already: there is nothing to judge.');
  await writeFile(path, lines.join(''));
  return lines.length;
}
