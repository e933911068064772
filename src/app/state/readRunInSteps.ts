import { cellKeys, samplesAt } from '../../core/plan.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { PlannedPrompt, Run } from '../../core/run.ts';
import { readRecords } from '../../core/storedRecords.ts';

/** Cells planned and read in one step: about 20 ms of hashing, so that the page stays responsive in between. */
const stepCells = 1_000;

export interface RunStep {
  /** Cells of this step, each key once. */
  readonly planned: number;
  /** What is stored of them, failed answers included. */
  readonly rollouts: readonly Rollout[];
}

/** The run cut into runs over a few prompts each; together they have the same cells. */
export function* runInParts(run: Run): Generator<Run> {
  const perPrompt = run.temperatures.reduce((sum, temperature) => sum + samplesAt(run, temperature), 0);
  const size = Math.max(1, Math.floor(stepCells / (perPrompt * run.models.length)));
  for (let start = 0; start < run.prompts.length; start += size) {
    const prompts: PlannedPrompt[] = run.prompts.slice(start, start + size);
    yield { ...run, prompts };
  }
}

/** Gives the page a turn between two steps of work. */
export function letPageRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** How many of a run's cells have one of these keys; null once nobody looks any more. */
export async function countCells(
  run: Run,
  stored: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<number | null> {
  let count = 0;
  for (const part of runInParts(run)) {
    count += cellKeys(part).filter((key) => stored.has(key)).length;
    await letPageRun();
    if (signal?.aborted) return null;
  }
  return count;
}

/** Reads a run's stored answers part by part. Errors: {@link StoreError}. */
export async function* readRunInSteps(store: Store, run: Run): AsyncGenerator<RunStep> {
  for (const part of runInParts(run)) {
    const keys = cellKeys(part);
    const rollouts = [...(await readRecords(store, 'rollouts', keys)).values()];
    yield { planned: keys.length, rollouts };
  }
}
