import { expect, it } from 'vitest';
import { cellKeys } from './plan.ts';
import type { Judging } from './run.ts';
import { readVerdicts } from './storedRecords.ts';
import { exampleVerdict } from './testing/exampleRecords.ts';
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

/** Some of the run's verdicts, and as many of others for each of them. */
async function storeWith(othersForEach: number): Promise<MemoryStore> {
  const verdicts = keys.flatMap((key, place): Verdict[] => {
    if (place % 3 === 0) return [];
    const others = Array.from({ length: othersForEach }, (_, other) => judgingBy(6 + other));
    return [judgingBy(1 + (place % 5)), ...others].map((judging) => exampleVerdict(key, judging));
  });
  const store = new MemoryStore();
  await store.put(
    'verdicts',
    verdicts.map((verdict) => [verdict.key, verdict]),
  );
  return store;
}

it.each([
  ['most of what is stored', 1],
  ['a small part of what is stored', 20],
])('reads the verdicts of many answers where they are %s', async (_, othersForEach) => {
  const store = await storeWith(othersForEach);
  const oneByOne: Verdict[] = [];
  for (const key of keys) oneByOne.push(...(await readVerdicts(store, run, [key])));
  expect(keys.length * run.judgings.length).toBeGreaterThanOrEqual(5_000);
  expect(oneByOne).toHaveLength(keys.filter((_key, place) => place % 3 > 0).length);
  expect(await readVerdicts(store, run, keys)).toEqual(oneByOne);
});
