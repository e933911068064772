import { cellKeys } from '../../core/plan.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Run } from '../../core/run.ts';
import { stageRunOf } from '../../core/talk.ts';
import { letPageRun, runInParts } from './readRunInSteps.ts';

/**
 * Keys of all answers that stored runs and talks hold, but for the run or talk `exceptId`: what is deleted with that
 * one must leave them. Errors: {@link StoreError}.
 */
export async function heldKeys(store: Store, exceptId: string): Promise<Set<string>> {
  const runs = await store.get('runs', await store.keys('runs'));
  const talks = await store.get('talks', await store.keys('talks'));
  const holders: Run[] = [
    ...runs.filter((run) => run !== undefined && run.id !== exceptId),
    ...talks.flatMap((talk) => (talk && talk.id !== exceptId ? [stageRunOf(talk)] : [])),
  ].filter((run) => run !== undefined);
  const keys = new Set<string>();
  for (const holder of holders) {
    for (const part of runInParts(holder)) {
      for (const key of cellKeys(part)) keys.add(key);
      await letPageRun();
    }
  }
  return keys;
}
