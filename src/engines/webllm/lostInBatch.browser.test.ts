import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { collectRun } from '../../core/collect.ts';
import type { WebLlmCard } from '../../core/model.ts';
import { systemClock } from '../../core/ports/clock.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Rollout } from '../../core/rollout.ts';
import { readRollouts } from '../../core/storedRecords.ts';
import { examplePrompt, exampleRun } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { WebLlmEngine } from './client.ts';
import { faultChannel, type GpuFault } from './faultyWorker.ts';
import { installFixture } from './installFixture.ts';

const rows = 8;
const samples = 10;
const timeoutMs = 180_000;

let card: WebLlmCard;
let engine: Engine | null = null;

beforeAll(async () => {
  card = await installFixture('base');
  const open = (Worker: typeof globalThis.Worker) =>
    new Worker(new URL('./faultyWorker.ts', import.meta.url), { type: 'module' });
  const real = Worker;
  // A function, since what a constructor returns takes the place of what it made.
  vi.stubGlobal('Worker', function () {
    return open(real);
  });
  return () => vi.unstubAllGlobals();
});
afterEach(() => engine?.dispose());

describe('a run whose GPU fails in the midst of a batch', { timeout: timeoutMs }, () => {
  it.each<[GpuFault, RegExp]>([
    ['memory', /^The GPU has not enough free memory\. Load the model again/],
    // What waits for the GPU may say so before the GPU does.
    ['lost', /^The (GPU was lost|model failed)/],
  ])(
    'goes on with half as many rows each time, and keeps what was finished (%s)',
    async (fault, sentence) => {
      const own = { ...card, id: `${card.id}-${fault}` };
      const run = exampleRun({
        ...{ models: [own], samples, temperatures: [1], maxTokens: 40 },
        prompts: [examplePrompt('you'), examplePrompt('day')],
      });
      const store = new MemoryStore();
      const channel = new BroadcastChannel(faultChannel);
      const widths: number[] = [];
      const losses: { readonly error: string; readonly stored: Promise<Map<string, Rollout>> }[] = [];
      const outcome = await collectRun(run, {
        ...{ store, clock: systemClock },
        openEngine: async () => (engine = new WebLlmEngine(own, { rows })),
        onEvent: (event) => {
          if (event.type === 'loaded') widths.push(event.facts.concurrency);
          if (event.type === 'lost') losses.push({ error: event.error, stored: readRollouts(store, run) });
          // Some are finished then, and the others are in the making.
          if (event.type === 'rollout' && [3, 9].includes(event.counts.done)) channel.postMessage(fault);
        },
      });
      channel.close();

      expect(outcome).toEqual({ state: 'complete', counts: { total: 20, done: 20, failed: 0 } });
      expect(widths).toEqual([rows, rows / 2, rows / 4]);
      expect(losses.map(({ error }) => error)).toEqual([
        expect.stringMatching(sentence),
        expect.stringMatching(sentence),
      ]);
      const all = await readRollouts(store, run);
      for (const { stored } of losses) {
        const kept = [...(await stored)].filter(([, { status }]) => status === 'done');
        expect(kept.length).toBeGreaterThanOrEqual(3);
        expect(kept.length).toBeLessThan(20);
        for (const [key, rollout] of kept) expect(all.get(key)).toEqual(rollout);
      }
    },
  );
});
