import type { Collection, Collections, Store } from './ports/store.ts';
import { planRollouts } from './plan.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { type Verdict, verdictKey } from './verdict.ts';

/** Reads of this many keys keep each store transaction short, so that writes in between are not held up. */
const chunkKeys = 2_000;

/** The records that exist, by key. */
export async function readRecords<C extends Collection>(
  store: Store,
  collection: C,
  keys: readonly string[],
): Promise<Map<string, Collections[C]>> {
  const found = new Map<string, Collections[C]>();
  for (let start = 0; start < keys.length; start += chunkKeys) {
    const chunk = keys.slice(start, start + chunkKeys);
    const records = await store.get(collection, chunk);
    chunk.forEach((key, index) => {
      const record = records[index];
      if (record !== undefined) found.set(key, record);
    });
  }
  return found;
}

/** All records of a collection. */
export async function readAll<C extends Collection>(store: Store, collection: C): Promise<Collections[C][]> {
  return [...(await readRecords(store, collection, await store.keys(collection))).values()];
}

/** A run's stored rollouts by key, failed ones included. */
export function readRollouts(store: Store, run: Run): Promise<Map<string, Rollout>> {
  const keys = planRollouts(run).map(({ key }) => key);
  return readRecords(store, 'rollouts', [...new Set(keys)]);
}

/** All stored verdicts on the given rollouts, for every judging of the run. */
export async function readVerdicts(
  store: Store,
  run: Run,
  rolloutKeys: Iterable<string>,
): Promise<Verdict[]> {
  const keys = [...rolloutKeys].flatMap((key) => run.judgings.map((judging) => verdictKey(key, judging)));
  return [...(await readRecords(store, 'verdicts', keys)).values()];
}
