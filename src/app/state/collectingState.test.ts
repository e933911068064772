import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { exampleRun } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { CollectingState } from './collectingState.svelte.ts';

const clock = { now: () => Date.now() };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('tells how fast tokens come and how many answers are in the making, before the first is finished', async () => {
  const engine = new ScriptedEngine({
    script: () => 'word '.repeat(100).trim(),
    ...{ concurrency: 3, clock, tokenMs: 100 },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const collecting = new CollectingState({
    ...{ store: new MemoryStore(), clock },
    openEngine: async () => engine,
  });
  expect(collecting.now).toBeNull();
  const work = collecting.start(exampleRun());
  await vi.advanceTimersByTimeAsync(600);
  expect(collecting.now).toEqual({ tokensPerSecond: null, inFlight: 3, atOnce: 3 });
  await vi.advanceTimersByTimeAsync(5_400);
  expect(collecting.counts?.done).toBe(0);
  expect(collecting.pace.answersPerMinute).toBeNull();
  // Three answers at ten tokens a second each.
  expect(collecting.now?.tokensPerSecond).toBeGreaterThan(27);
  expect(collecting.now?.tokensPerSecond).toBeLessThan(33);
  collecting.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  await work;
  expect(collecting.now).toBeNull();
});
