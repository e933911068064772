import type { Collection, Collections, Store } from './ports/store.ts';
import { cellKeys } from './plan.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { type Verdict, isSameJudging, verdictKeysOf } from './verdict.ts';

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
  return readRecords(store, 'rollouts', cellKeys(run));
}

/** From here on it takes longer to hash the keys of verdicts than to read as many others as there are of them. */
const manyVerdicts = 5_000;

/**
 * All stored verdicts on the given rollouts, in their order, for every judging of the run. `names`: the keys of all
 * verdicts, where somebody has read them.
 */
export async function readVerdicts(
  store: Store,
  run: Run,
  rolloutKeys: Iterable<string>,
  names?: readonly string[],
): Promise<Verdict[]> {
  const rollouts = [...rolloutKeys];
  const most = rollouts.length * run.judgings.length;
  const stored = most < manyVerdicts ? [] : (names ?? (await store.keys('verdicts')));
  if (most >= manyVerdicts && stored.length <= 2 * most)
    return verdictsOn(rollouts, run, (await readRecords(store, 'verdicts', stored)).values());
  const keysOf = run.judgings.map(verdictKeysOf);
  const keys = rollouts.flatMap((key) => keysOf.map((keyOf) => keyOf(key)));
  return [...(await readRecords(store, 'verdicts', keys)).values()];
}

function verdictsOn(rollouts: readonly string[], { judgings }: Run, verdicts: Iterable<Verdict>): Verdict[] {
  const places = new Map(rollouts.map((key, place) => [key, place * judgings.length]));
  const found = new Array<Verdict | undefined>(rollouts.length * judgings.length);
  for (const verdict of verdicts) {
    const place = places.get(verdict.rolloutKey);
    const judging = judgings.findIndex((own) => isSameJudging(verdict, own));
    if (place !== undefined && judging >= 0) found[place + judging] = verdict;
  }
  return found.filter((verdict) => verdict !== undefined);
}
