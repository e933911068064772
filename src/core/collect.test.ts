import { describe, expect, it } from 'vitest';
import { type CollectOptions, collectRun } from './collect.ts';
import { EngineError, EngineLostError, LockedError, ModelFileError, StoreError } from './errors.ts';
import { sweepDial } from './dial.ts';
import { modelCardSchema } from './model.ts';
import { countRollouts, planRollouts } from './plan.ts';
import type { Engine, GenerationRequest } from './ports/engine.ts';
import { readRollouts } from './storedRecords.ts';
import { exampleRun, servedModel } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';
import { ScriptedEngine, losingAt } from './testing/scriptedEngine.ts';

const run = exampleRun({ temperatures: [0, 0.8], samples: 3 });
const size = countRollouts(run);
const clock = { now: () => Date.UTC(2026, 10, 24) };

type Answer = (request: GenerationRequest, call: number) => string | Error | Promise<string>;

/** An engine that answers by a function and counts what is asked of it. */
function engineOf(answer: Answer, concurrency = 2) {
  const counts = { calls: 0, loads: 0 };
  const engine: Engine = {
    async load() {
      counts.loads += 1;
      return { kind: 'test', device: 'none', library: 'test 1', concurrency, contextTokens: 100, notes: [] };
    },
    async generate(request, { signal } = {}) {
      signal?.throwIfAborted();
      const text = await answer(request, ++counts.calls);
      signal?.throwIfAborted();
      if (text instanceof Error) throw text;
      return {
        text,
        finish: 'stop',
        promptTokens: 3,
        tokens: 2,
        durationMs: 5,
        width: 1,
        tokenTimesMs: [2, 5],
        tokenEnds: [1, text.length],
      };
    },
    dispose: () => Promise.resolve(),
  };
  return { engine, counts };
}

function collect(engine: Engine, more: Partial<CollectOptions> & { store: MemoryStore }) {
  return collectRun(run, { clock, openEngine: () => Promise.resolve(engine), ...more });
}

describe('collectRun', () => {
  it('stores every cell under its key, and then asks for nothing again', async () => {
    const store = new MemoryStore();
    const { engine, counts } = engineOf((request) => `seed ${request.seed}`);
    const outcome = await collect(engine, { store });
    expect(outcome).toEqual({ state: 'complete', counts: { total: size, done: size, failed: 0 } });
    const [spec] = planRollouts(run);
    const [rollout] = await store.get('rollouts', [spec?.key ?? '']);
    expect(rollout).toMatchObject({
      status: 'done',
      tokenTimesMs: [2, 5],
      tokenEnds: [1, `seed ${spec?.request.seed}`.length],
      text: `seed ${spec?.request.seed}`,
      promptId: 'you',
      sample: 0,
    });
    await collect(engine, { store });
    expect(counts).toEqual({ calls: size, loads: 1 });
  });

  it('finishes what is in flight on pause, and goes on where it was', async () => {
    const store = new MemoryStore();
    const pause = new AbortController();
    const { engine, counts } = engineOf((_, call) => {
      if (call === 4) pause.abort();
      return 'yes';
    });
    const paused = await collect(engine, { store, pause: pause.signal });
    expect(paused.state).toBe('paused');
    expect(paused.counts.done).toBe(counts.calls);
    expect((await readRollouts(store, run)).size).toBe(counts.calls);
    expect((await collect(engine, { store })).state).toBe('complete');
    expect(counts.calls).toBe(size);
  });

  it('gives up what is in flight on stop, and keeps what was stored', async () => {
    const store = new MemoryStore();
    const stop = new AbortController();
    const { engine } = engineOf((_, call) => {
      if (call === 5) stop.abort(new DOMException('stopped', 'AbortError'));
      return 'yes';
    });
    const outcome = await collect(engine, { store, signal: stop.signal });
    expect(outcome.state).toBe('stopped');
    expect(outcome.counts.done).toBeGreaterThan(0);
    expect((await readRollouts(store, run)).size).toBe(outcome.counts.done);
  });

  it('records a failed answer with its reason, and asks again on the next pass', async () => {
    const store = new MemoryStore();
    const { engine } = engineOf((_, call) =>
      call === 3 ? new EngineError('The prompt is too long.') : 'yes',
    );
    const first = await collect(engine, { store });
    expect(first).toEqual({ state: 'complete', counts: { total: size, done: size - 1, failed: 1 } });
    const failed = [...(await readRollouts(store, run)).values()].filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ error: 'The prompt is too long.' }]);
    expect((await collect(engine, { store })).counts).toEqual({ total: size, done: size, failed: 0 });
  });

  it('stops after five failures in a row and says the last one', async () => {
    const store = new MemoryStore();
    const { engine, counts } = engineOf(() => new EngineError('The server is asleep.'), 1);
    const outcome = await collect(engine, { store });
    expect(outcome).toMatchObject({
      state: 'broken',
      error: expect.stringContaining('The server is asleep.'),
    });
    expect(counts.calls).toBe(5);
  });

  it('loads a lost engine anew and loses only what was in flight', async () => {
    const store = new MemoryStore();
    const { engine, counts } = engineOf((_, call) =>
      call === 4 ? new EngineLostError('The GPU is gone.') : 'yes',
    );
    const opened: boolean[] = [];
    const outcome = await collect(engine, {
      store,
      openEngine: (_, { fresh }) => {
        opened.push(fresh);
        return Promise.resolve(engine);
      },
    });
    expect(outcome.state).toBe('complete');
    expect(opened).toEqual([false, true]);
    expect(counts.calls).toBe(size + 1);
  });

  it('lets no model keep the others from their answers, and names the one that failed', async () => {
    const store = new MemoryStore();
    const models = ['dead', 'missing', 'alive'].map((id) => servedModel(id));
    const outcome = await collectRun(
      { ...run, models },
      {
        ...{ store, clock },
        openEngine: async ({ id }) => {
          if (id === 'missing') throw new ModelFileError('Its files are not on this device.');
          return engineOf(() => (id === 'dead' ? new EngineError('The server is asleep.') : 'yes'), 1).engine;
        },
      },
    );
    expect(outcome).toEqual({
      state: 'broken',
      counts: { total: 3 * size, done: size, failed: 5 },
      error:
        'dead: Stopped after 5 failures in a row. The last one: The server is asleep. ' +
        'missing: Its files are not on this device.',
    });
  });

  it('gives up on an engine that is lost again and again', async () => {
    const { engine, counts } = engineOf(() => new EngineLostError('The GPU is gone.'), 1);
    const outcome = await collect(engine, { store: new MemoryStore() });
    expect(outcome).toMatchObject({ state: 'broken', error: 'The GPU is gone.' });
    expect(counts.calls).toBe(4);
  });

  it('tells every token, and how many answers are in the making, also of answers that are not finished', async () => {
    const engine = new ScriptedEngine({ script: losingAt(4), concurrency: 4 });
    let [tokens, most, inFlight] = [0, 0, 0];
    let beforeFirst = 0;
    const store = new MemoryStore();
    await collect(engine, {
      store,
      onEvent: (event) => {
        if (event.type === 'rollout') beforeFirst ||= tokens;
        if (event.type !== 'growing') return;
        tokens += event.tokens;
        inFlight = event.inFlight;
        most = Math.max(most, inFlight);
      },
    });
    const stored = [...(await readRollouts(store, run)).values()];
    const sum = stored.reduce((all, rollout) => all + (rollout.status === 'done' ? rollout.tokens : 0), 0);
    expect(tokens).toBe(sum);
    expect(beforeFirst).toBeGreaterThan(0);
    expect([most, inFlight]).toEqual([4, 0]);
  });

  it('is refused while another tab collects the run, and changes nothing', async () => {
    const store = new MemoryStore();
    await store.lock(`run:${run.id}`);
    const { engine, counts } = engineOf(() => 'yes');
    await expect(collect(engine, { store })).rejects.toThrow(LockedError);
    expect(counts.calls).toBe(0);
  });

  it('throws when an answer cannot be stored, and keeps the lock free', async () => {
    const store = new MemoryStore();
    const { engine } = engineOf((_, call) => {
      if (call === 2) store.failAs('full');
      return 'yes';
    });
    await expect(collect(engine, { store })).rejects.toThrow(StoreError);
    store.failAs(null);
    expect((await collect(engine, { store })).state).toBe('complete');
  });

  it('collects the cells of two cards for the same weights once', async () => {
    const store = new MemoryStore();
    const { engine, counts } = engineOf(() => 'yes');
    const twins = { ...run, models: [servedModel('one'), { ...servedModel('one'), id: 'twin' }] };
    const outcome = await collectRun(twins, { store, clock, openEngine: () => Promise.resolve(engine) });
    expect(outcome).toEqual({ state: 'complete', counts: { total: size, done: size, failed: 0 } });
    expect(counts.calls).toBe(size);
    const stored = [...(await readRollouts(store, twins)).values()];
    expect(new Set(stored.map(({ model }) => model))).toEqual(new Set(['one']));
  });

  it('collects the positions of a dial with one engine, prompt by prompt', async () => {
    const persona = modelCardSchema.parse({
      ...{ engine: 'transformers', id: 'someone', name: 'Someone', persona: 'Someone', base: 'Base' },
      ...{ licence: null, folder: 'a', graph: 'b.onnx', contextTokens: 100 },
      files: [{ path: 'b.onnx', bytes: 1, sha256: '0'.repeat(64) }],
      adapters: [{ id: 'persona', scale: 1 }],
    });
    const sweep = { ...run, models: sweepDial([persona], [0, 1]), temperatures: [0] };
    const scales: (number | undefined)[] = [];
    const { engine, counts } = engineOf(({ adapters }) => {
      scales.push(adapters?.[0]?.scale);
      return 'yes';
    });
    const store = new MemoryStore();
    await collectRun(sweep, { clock, store, openEngine: () => Promise.resolve(engine) });
    expect(counts).toEqual({ calls: countRollouts(sweep), loads: 1 });
    expect(scales).toEqual([0, 1, 0, 1, 0, 1]);
  });
});
