import type { Collection, Collections, Store } from './ports/store.ts';
import { cellKeys, countRollouts } from './plan.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { type Verdict, isSameJudging, verdictKeysOf } from './verdict.ts';

/** The records that exist, by key, in the order of the keys. Errors: {@link StoreError}. */
export async function readRecords<C extends Collection>(
  store: Store,
  collection: C,
  keys: readonly string[],
): Promise<Map<string, Collections[C]>> {
  return found(keys, await store.get(collection, keys));
}

/** From here on it takes longer to ask for records by their keys than to read as many others as there are of them. */
const manyRecords = 5_000;

/** A run's stored rollouts by key, failed ones included. */
export async function readRollouts(store: Store, run: Run): Promise<Map<string, Rollout>> {
  return (await readRun(store, { ...run, judgings: [] })).rollouts;
}

/** A run's stored rollouts by key, failed ones included, and all verdicts on them as {@link readVerdicts} gives them. */
export async function readRun(
  store: Store,
  run: Run,
): Promise<{ readonly rollouts: Map<string, Rollout>; readonly verdicts: Verdict[] }> {
  const most = countRollouts(run) * Math.max(1, run.judgings.length);
  const runs = most < manyRecords ? [] : await store.all('runs');
  const isRollouts = isMostOf(runs, run, countRollouts);
  const isVerdicts = isMostOf(runs, run, (one) => countRollouts(one) * one.judgings.length);
  const [rollouts, verdicts, keys] = await Promise.all([
    isRollouts ? store.all('rollouts') : null,
    isVerdicts ? store.all('verdicts') : null,
    // A turn later: then the store reads while keys are reckoned.
    new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => cellKeys(run)),
  ]);
  return {
    rollouts: rollouts ? rolloutsAt(keys, rollouts) : await readRecords(store, 'rollouts', keys),
    verdicts: verdicts ? verdictsOn(keys, run, verdicts) : await readVerdicts(store, run, keys),
  };
}

/** All stored verdicts on the given rollouts, in their order, for every judging of the run. */
export async function readVerdicts(
  store: Store,
  run: Run,
  rolloutKeys: Iterable<string>,
): Promise<Verdict[]> {
  const keysOf = run.judgings.map(verdictKeysOf);
  const keys = [...rolloutKeys].flatMap((key) => keysOf.map((keyOf) => keyOf(key)));
  return [...(await readRecords(store, 'verdicts', keys)).values()];
}

/** By what runs plan: counting the records themselves takes a good part of the time that reading them does. */
function isMostOf(runs: readonly Run[], run: Run, recordsOf: (run: Run) => number): boolean {
  const own = recordsOf(run);
  const others = runs.filter(({ id }) => id !== run.id);
  return own >= manyRecords && others.reduce((sum, other) => sum + recordsOf(other), 0) <= own;
}

function rolloutsAt(keys: readonly string[], rollouts: readonly Rollout[]): Map<string, Rollout> {
  const byKey = new Map(rollouts.map((rollout) => [rollout.key, rollout]));
  return found(
    keys,
    keys.map((key) => byKey.get(key)),
  );
}

function found<Value>(keys: readonly string[], records: readonly (Value | undefined)[]): Map<string, Value> {
  const byKey = new Map<string, Value>();
  for (const [place, key] of keys.entries()) {
    const record = records[place];
    if (record !== undefined) byKey.set(key, record);
  }
  return byKey;
}

function verdictsOn(rollouts: readonly string[], { judgings }: Run, verdicts: readonly Verdict[]): Verdict[] {
  const places = new Map(rollouts.map((key, place) => [key, place * judgings.length]));
  const placed = new Array<Verdict | undefined>(rollouts.length * judgings.length);
  for (const verdict of verdicts) {
    const place = places.get(verdict.rolloutKey);
    const judging = judgings.findIndex((own) => isSameJudging(verdict, own));
    if (place !== undefined && judging >= 0) placed[place + judging] = verdict;
  }
  return placed.filter((verdict) => verdict !== undefined);
}
