import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../core/errors.ts';
import { modelCardSchema } from '../../core/model.ts';
import { countRollouts } from '../../core/plan.ts';
import { exampleRollout } from '../../core/testing/exampleRecords.ts';
import { exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { planRollouts } from '../../core/plan.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { suites } from '../../suites/index.ts';
import { estimateRun } from './estimateRun.ts';
import { measureSpeed } from './measureSpeed.ts';
import { RunDraft, parseNumbers } from './runDraft.svelte.ts';

const models = [servedModel('one'), servedModel('two')];
const identity = suites.find(({ id }) => id === 'identity')!;
const idsOf = (category: string) =>
  identity.prompts.filter((prompt) => prompt.category === category).map(({ id }) => id);

let draft: RunDraft;
beforeEach(() => {
  draft = new RunDraft({ models: () => models, suites: () => suites });
});

describe('RunDraft', () => {
  it('says what is missing, and refuses to become a run until it is there', () => {
    expect(draft.problems).toEqual(['Choose at least one model.', 'Choose at least one prompt.']);
    expect(() => draft.order()).toThrow(InputError);
    draft.toggleModel('one', true);
    draft.togglePrompts('identity', idsOf('direct'), true);
    expect(draft.problems).toEqual([]);
  });

  it('counts what the run that it becomes asks', () => {
    draft.toggleModel('one', true);
    draft.toggleModel('two', true);
    draft.togglePrompts('identity', idsOf('direct'), true);
    expect(draft.size).toBe(countRollouts(draft.order()));
    draft.temperatures = '0, 0.8; 1';
    expect(draft.answersPerPrompt).toBe(7);
    expect(draft.size).toBe(2 * idsOf('direct').length * 7);
    draft.limit = 5;
    expect(draft.size).toBe(2 * 5 * 7);
  });

  it('asks a model that has a dial at each position', () => {
    const persona = modelCardSchema.parse({
      ...{ engine: 'transformers', id: 'someone', name: 'Someone', persona: 'Someone', base: 'Base' },
      ...{ licence: null, folder: 'a', graph: 'b.onnx', contextTokens: 100 },
      files: [{ path: 'b.onnx', bytes: 1, sha256: '0'.repeat(64) }],
      adapters: [{ id: 'persona', scale: 1 }],
    });
    draft = new RunDraft({ models: () => [...models, persona], suites: () => suites });
    draft.toggleModel('one', true);
    expect(draft.hasDial).toBe(false);
    draft.toggleModel('someone', true);
    draft.togglePrompts('identity', idsOf('direct'), true);
    draft.dial = '0, 0.5 1';
    const { models: asked } = draft.order();
    expect(asked.map(({ id }) => id)).toEqual(['one', 'someone@0', 'someone@0.5', 'someone']);
    expect(draft.size).toBe(countRollouts(draft.order()));
    draft.dial = '2';
    expect(draft.problems).toHaveLength(1);
    draft.dial = '0';
    draft.fill({ ...draft.order(), models: asked });
    expect(draft.dial).toBe('0, 0.5, 1');
    expect(draft.models.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
  });

  it.each([
    ['temperatures', 'warm', /temperatures/],
    ['samples', 0, /Samples/],
    ['samples', null, /Samples/],
    ['topP', 0, /Top-p/],
    ['repetitionPenalty', 0, /repetition penalty/],
    ['maxTokens', 1.5, /Longest answer/],
    ['seed', -1, /seed/],
    ['limit', 0.5, /limit/],
  ] as const)('refuses %s = %s', (field, value, sentence) => {
    draft.toggleModel('one', true);
    draft.togglePrompts('identity', idsOf('direct'), true);
    Object.assign(draft, { [field]: value });
    expect(draft.problems).toHaveLength(1);
    expect(draft.problems[0]).toMatch(sentence);
    expect(() => draft.size).not.toThrow();
  });

  it('is filled from a run, and makes the same one again', () => {
    draft.toggleModel('two', true);
    draft.togglePrompts('identity', idsOf('indirect').slice(0, 3), true);
    draft.stop = '\n\nEND';
    const order = draft.order();
    const copy = new RunDraft({ models: () => models, suites: () => suites });
    copy.fill(order);
    expect(copy.order()).toEqual(order);
  });
});

describe('parseNumbers', () => {
  it('takes a list once each, and nothing else', () => {
    expect(parseNumbers('0, 0.8 0.8;1', 5)).toEqual([0, 0.8, 1]);
    for (const text of ['', ' , ', '-1', '6', '0,8,x']) expect(parseNumbers(text, 5)).toBeNull();
  });
});

describe('estimating a run', () => {
  it('reckons with what the model did before, and says when nothing is known', async () => {
    const store = new MemoryStore();
    const run = exampleRun({ models: [servedModel('one', 4)] });
    // 10 tokens in 2 s with 4 requests in flight: 0.05 s a token.
    const done = planRollouts(run).map((spec) => exampleRollout(spec, { tokens: 10, durationMs: 2000 }));
    await store.put(
      'rollouts',
      done.map((rollout) => [rollout.key, rollout] as const),
    );
    const speed = await measureSpeed(store, [run], run.models[0]!);
    expect(speed?.secondsPerToken).toBeCloseTo(0.05);
    expect(await measureSpeed(store, [run], servedModel('two'))).toBeNull();

    const common = { answersPerModel: 100, maxTokens: 200 };
    const one = estimateRun({ ...common, models: run.models, speedOf: () => speed });
    expect(one.time).toBe('about 50 s');
    const none = estimateRun({ ...common, models: run.models, speedOf: () => null });
    expect(none.time).toContain('not measured yet');
    const both = estimateRun({ ...common, models, speedOf: ({ id }) => (id === 'one' ? speed : null) });
    expect(both.time).toBe('about 50 s, not counting two, which is not measured yet');
  });
});
