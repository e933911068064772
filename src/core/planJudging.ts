import { hashOf } from './ids.ts';
import type { Judge } from './ports/judge.ts';
import type { Store } from './ports/store.ts';
import { promptKey, promptsByKey } from './promptKey.ts';
import { type Rubric, rubricFits } from './rubric.ts';
import type { Judging, Run } from './run.ts';
import { readRecords, readRollouts } from './storedRecords.ts';
import { isSameJudging, verdictKeysOf } from './verdict.ts';
import type { JudgeJob } from './verdictOf.ts';

/** Which further scoring of the same answers by the same judge, from 2, and of which share of them. */
export interface Repeat {
  readonly nth: number;
  /** Above 0, 1 at most. */
  readonly share: number;
}

export function judgingOf(judge: Pick<Judge, 'spec'>, rubric: Rubric, repeat?: Repeat): Judging {
  const first = { rubric: rubric.id, rubricVersion: rubric.version, judge: judge.spec };
  return repeat ? { ...first, repeat: repeat.nth } : first;
}

/** The run with this judging in its list, so that its verdicts can be found. */
export function withJudging(run: Run, judging: Judging): Run {
  if (run.judgings.some((known) => isSameJudging(known, judging))) return run;
  return { ...run, judgings: [...run.judgings, judging] };
}

/** Every finished rollout of the run that the rubric fits, with its verdict's key. */
export async function planJudging(
  store: Store,
  run: Run,
  judging: Judging,
  rubric: Rubric,
): Promise<JudgeJob[]> {
  const prompts = promptsByKey(run);
  const rollouts = [...(await readRollouts(store, run)).values()];
  const keyOf = verdictKeysOf(judging);
  const jobs = rollouts.flatMap((rollout) => {
    const prompt = prompts.get(promptKey(rollout));
    if (rollout.status !== 'done' || !prompt || !rubricFits(rubric, prompt)) return [];
    return [{ key: keyOf(rollout.key), rollout, prompt }];
  });
  const stored = await readRecords(
    store,
    'verdicts',
    jobs.map(({ key }) => key),
  );
  return jobs.map((job) => ({ ...job, stored: stored.get(job.key) }));
}

/**
 * A random order of records by their keys, which only depends on the seed: the first of a longer draw are those of a
 * shorter one.
 */
export function drawOrder<T>(items: readonly T[], keyOf: (item: T) => string, seed: number): T[] {
  return items
    .map((item) => ({ item, place: hashOf([seed, keyOf(item)]) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ item }) => item);
}

/** The share of the jobs that is scored again: the same for every repeat. */
export function drawShare(jobs: readonly JudgeJob[], share: number, seed: number): JudgeJob[] {
  return drawOrder(jobs, ({ rollout }) => rollout.key, seed).slice(0, Math.ceil(jobs.length * share));
}
