import type { Collection, Collections, Store } from './ports/store.ts';
import { planRollouts } from './plan.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { type Verdict, verdictKeysOf } from './verdict.ts';

/** The records that exist, by key, in the order of the keys. Errors: {@link StoreError}. */
export async function readRecords<C extends Collection>(
  store: Store,
  collection: C,
  keys: readonly string[],
): Promise<Map<string, Collections[C]>> {
  const records = await store.get(collection, keys);
  const found = new Map<string, Collections[C]>();
  for (const [place, key] of keys.entries()) {
    const record = records[place];
    if (record !== undefined) found.set(key, record);
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
  const keysOf = run.judgings.map(verdictKeysOf);
  const keys = [...rolloutKeys].flatMap((key) => keysOf.map((keyOf) => keyOf(key)));
  return [...(await readRecords(store, 'verdicts', keys)).values()];
}
