import { expect, it, vi } from 'vitest';
import { cellKeys } from './plan.ts';
import type { Judging } from './run.ts';
import { readRollouts, readRun, readVerdicts } from './storedRecords.ts';
import { exampleRollouts, exampleVerdict } from './testing/exampleRecords.ts';
import { exampleRun } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';
import type { Verdict } from './verdict.ts';

const judgingBy = (version: number): Judging => ({
  rubric: 'identity',
  rubricVersion: 1,
  judge: { kind: 'rules', version },
});
const run = exampleRun({ temperatures: [1], samples: 1_000, judgings: [1, 2, 3, 4, 5].map(judgingBy) });
const keys = cellKeys(run);

/** Some of the run's verdicts, as many of another judge, and runs that plan so many answers beside its own. */
async function storeWith(otherSamples: number): Promise<MemoryStore> {
  const verdicts = keys.flatMap((key, place): Verdict[] => {
    if (place % 3 === 0) return [];
    return [1 + (place % 5), 6].map((version) => exampleVerdict(key, judgingBy(version)));
  });
  const store = new MemoryStore();
  await store.put('runs', [[run.id, run]]);
  await store.put('runs', [['other', { ...run, id: 'other', samples: otherSamples }]]);
  await store.put(
    'verdicts',
    verdicts.map((verdict) => [verdict.key, verdict]),
  );
  return store;
}

it.each([
  ['most of what is planned', 900, true],
  ['a small part of what is planned', 9_000, false],
])('reads the verdicts of many answers where they are %s', async (_, otherSamples, isAllRead) => {
  const store = await storeWith(otherSamples);
  const oneByOne: Verdict[] = [];
  for (const key of keys) oneByOne.push(...(await readVerdicts(store, run, [key])));
  expect(keys.length * run.judgings.length).toBeGreaterThanOrEqual(5_000);
  expect(oneByOne).toHaveLength(keys.filter((_key, place) => place % 3 > 0).length);
  const readEvery = vi.spyOn(store, 'all');
  expect((await readRun(store, run)).verdicts).toEqual(oneByOne);
  expect(readEvery.mock.calls.some(([collection]) => collection === 'verdicts')).toBe(isAllRead);
});

it.each([
  ['all there are', 1],
  ['a small part of all', 30],
])('reads many answers in their order where they are %s', async (_, times) => {
  const store = await storeWith(run.samples * times);
  const large = exampleRun({ temperatures: [1], samples: 3_000 });
  const rollouts = exampleRollouts(large).filter((_rollout, place) => place % 7 > 0);
  const others = exampleRollouts({ ...large, system: 'You are somebody else.' }).slice(0, 500);
  await store.put(
    'rollouts',
    [...others, ...rollouts.toReversed()].map((rollout) => [rollout.key, rollout]),
  );
  expect(cellKeys(large).length).toBeGreaterThanOrEqual(5_000);
  expect([...(await readRollouts(store, large)).values()]).toEqual(rollouts);
});
