import { describe, expect, it } from 'vitest';
import { beliefKey } from './belief.ts';
import { collectBeliefs } from './collectBeliefs.ts';
import { EngineError } from './errors.ts';
import { modelCardSchema } from './model.ts';
import { beginningsOf, planBeliefs } from './planBeliefs.ts';
import type { Engine, ScoreRequest } from './ports/engine.ts';
import { readRecords } from './storedRecords.ts';
import { exampleBeliefSet as set } from './testing/exampleBelief.ts';
import { exampleRollouts } from './testing/exampleRecords.ts';
import { exampleRun, servedModel } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const card = modelCardSchema.parse({
  ...{ engine: 'transformers', id: 'live', name: 'Live', persona: 'P', base: 'B', licence: null },
  ...{ folder: 'f', graph: 'g.onnx', contextTokens: 100, adapters: [{ id: 'p', scale: 0.5 }] },
  files: [{ path: 'g.onnx', bytes: 1, sha256: 'a'.repeat(64) }],
});
const run = exampleRun({ models: [card] });
const clock = { now: () => Date.UTC(2026, 10, 28) };
const facts = {
  kind: 'test',
  device: 'none',
  library: 'test 1',
  concurrency: 2,
  contextTokens: 9,
  notes: [],
};

/** Scores the continuations -1, -2 and so on, or fails at the given calls. */
function scoringEngine(...failures: number[]) {
  const asked: ScoreRequest[] = [];
  const engine: Engine = {
    load: () => Promise.resolve(facts),
    generate: () => Promise.reject(new Error('Nothing is to be generated.')),
    async score(request) {
      if (failures.includes(asked.push(request))) throw new EngineError('It failed.');
      return request.continuations.map((_, index) => ({
        logprob: -1 - index,
        tokenLogprobs: [-0.5, -0.5 - index],
      }));
    },
    dispose: () => Promise.resolve(),
  };
  return { engine, asked };
}

const collect = (engine: Engine, store: MemoryStore, specs = planBeliefs(run, set, [])) =>
  collectBeliefs(run, specs, { store, clock, openEngine: () => Promise.resolve(engine) });

describe('collectBeliefs', () => {
  it('stores the scores of every probe under its key, and then asks for nothing again', async () => {
    const store = new MemoryStore();
    const { engine, asked } = scoringEngine();
    const specs = planBeliefs(run, set, []);
    expect(specs).toHaveLength(9);
    const counts = { total: 9, done: 9, failed: 0 };
    expect(await collect(engine, store)).toEqual({ state: 'complete', counts });
    expect(asked.every(({ adapters }) => adapters?.[0]?.scale === 0.5)).toBe(true);
    const words = specs.find(({ asked: { begin } }) => begin === 'I am a');
    const stored = await readRecords(store, 'beliefs', [words?.key ?? '']);
    expect([...stored.values()]).toMatchObject([
      {
        ...{ status: 'done', model: 'live', claim: [' program', ' computer program'] },
        scores: [-1, -2, -3, -4].map((logprob) => ({ logprob, tokens: 2 })),
        engine: { kind: 'test', device: 'none', library: 'test 1' },
      },
    ]);
    await collect(engine, store);
    expect(asked).toHaveLength(9);
  });

  it('records a failure with its reason, and asks again on the next pass', async () => {
    const store = new MemoryStore();
    const { engine } = scoringEngine(3);
    expect((await collect(engine, store)).counts).toEqual({ total: 9, done: 8, failed: 1 });
    expect((await collect(engine, store)).counts).toEqual({ total: 9, done: 9, failed: 0 });
  });

  it('asks a server for first tokens, keeps what it does not list as unknown, and says so', async () => {
    const store = new MemoryStore();
    const specs = planBeliefs({ ...run, models: [servedModel('x')] }, set, []);
    expect(specs.map(({ asked: { begin } }) => begin)).toEqual(specs.map(() => ''));
    const engine: Engine = {
      load: () => Promise.resolve(facts),
      generate: async ({ sampling, logprobs }) => ({
        ...{ text: 'No', finish: 'length', promptTokens: 3, tokens: 1, durationMs: 1, width: 1 },
        logprobs: {
          chosen: [-0.1],
          named: (logprobs?.named ?? []).map((text) => [
            text === 'No' && sampling.maxTokens === 1 ? -0.1 : null,
          ]),
        },
      }),
      dispose: () => Promise.resolve(),
    };
    await collect(engine, store, specs);
    const [first] = (await readRecords(store, 'beliefs', [specs[0]?.key ?? ''])).values();
    expect(first).toMatchObject({
      bound: true,
      claim: ['Yes'],
      scores: [
        { logprob: null, tokens: 1 },
        { logprob: -0.1, tokens: 1 },
      ],
    });
  });

  it('says what to do about a server without log-probabilities', async () => {
    const answer = {
      text: 'No',
      finish: 'stop',
      promptTokens: 3,
      tokens: 1,
      durationMs: 1,
      width: 1,
    } as const;
    const engine = { ...scoringEngine().engine, generate: () => Promise.resolve(answer), score: undefined };
    const outcome = await collect(engine, new MemoryStore());
    expect(outcome).toMatchObject({ state: 'broken', error: expect.stringContaining('vLLM or llama.cpp') });
  });
});

describe('planBeliefs', () => {
  it('gives other keys for another strength, begin, question or order of words', () => {
    const request = { messages: [], begin: 'I am', continuations: ['a', 'b'] };
    const keys = [
      beliefKey('m', request),
      beliefKey('n', request),
      beliefKey('m', { ...request, begin: 'I was' }),
      beliefKey('m', { ...request, continuations: ['b', 'a'] }),
      beliefKey('m', { ...request, adapters: [{ id: 'p', scale: 1 }] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('forces the words after each sentence of a denial, for the model that said it', () => {
    const [rollout] = exampleRollouts(run).map((one) => ({
      ...one,
      text: 'No. I was born in 19.5 B.C. I am',
    }));
    if (!rollout) throw new Error('There is no answer.');
    const points = planBeliefs(run, set, [rollout]).filter(({ place }) => 'rollout' in place);
    expect(points.map(({ request: { begin } }) => begin)).toEqual([
      'I am',
      'No. I am',
      'No. I was born in 19.5 B.C. I am',
    ]);
    expect(points[0]?.request.messages.at(-1)?.content).toBe(rollout.prompt);
    expect(planBeliefs(run, set, [{ ...rollout, modelFingerprint: 'other' }])).toHaveLength(9);
  });

  it('leaves a sentence out that was cut off', () => {
    expect(beginningsOf({ text: 'I am "Maria." I live' })).toEqual(['', 'I am "Maria."']);
    expect(beginningsOf({ text: '' })).toEqual(['']);
  });
});
