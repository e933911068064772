import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extendRun, refuseOtherSettings } from './extendRun.ts';
import { countRollouts, planRollouts } from './plan.ts';
import { exampleRun, servedModel } from './testing/exampleRun.ts';

const keysOf = (run = exampleRun()) => planRollouts(run).map(({ key }) => key);

describe('planRollouts', () => {
  it('has one cell for each model, prompt, temperature and sample, and one sample at temperature 0', () => {
    const run = exampleRun({ temperatures: [0, 0.8], samples: 3 });
    expect(countRollouts(run)).toBe(run.prompts.length * 4);
    expect(keysOf(run)).toHaveLength(countRollouts(run));
  });

  it('never gives two cells one key', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (temperatures, samples) => {
          const keys = keysOf(
            exampleRun({ temperatures, samples, models: [servedModel('a'), servedModel('b')] }),
          );
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
    );
  });

  it('changes every key with every setting that changes answers', () => {
    const first = new Set(keysOf());
    for (const other of [
      { system: 'You are a cat.' },
      { topP: 0.5 },
      { repetitionPenalty: 1.2 },
      { maxTokens: 7 },
      { stop: ['\n'] },
      { seed: 2 },
      { models: [servedModel('other')] },
    ]) {
      expect(keysOf(exampleRun(other)).filter((key) => first.has(key))).toEqual([]);
    }
  });

  it('keeps every key when the repetition penalty is none', () => {
    expect(keysOf(exampleRun({ repetitionPenalty: 1 }))).toEqual(keysOf());
  });

  it('gives two models the same seeds, so that they can be compared draw by draw', () => {
    const plan = planRollouts(exampleRun({ models: [servedModel('a'), servedModel('b')] }));
    const seedsOf = (id: string) =>
      plan.filter(({ model }) => model.id === id).map(({ request }) => request.seed);
    expect(seedsOf('a')).toEqual(seedsOf('b'));
    expect(new Set(seedsOf('a')).size).toBe(seedsOf('a').length);
  });

  it('sends no system message when there is none', () => {
    const [spec] = planRollouts(exampleRun({ system: '' }));
    expect(spec?.request.messages.map(({ role }) => role)).toEqual(['user']);
  });
});

describe('extendRun', () => {
  it('keeps the cells that it has', () => {
    const run = exampleRun({ samples: 2 });
    const longer = extendRun(run, { samples: 4, temperatures: [1], models: [servedModel('new')] });
    const keys = new Set(keysOf(longer));
    expect(keysOf(run).every((key) => keys.has(key))).toBe(true);
    expect(keys.size).toBe(countRollouts(longer));
  });

  it('never shrinks a run', () => {
    const run = exampleRun({ samples: 4 });
    expect(extendRun(run, { samples: 1, models: [], prompts: [] })).toEqual(run);
  });

  it('is refused when another setting was asked for', () => {
    expect(() => refuseOtherSettings(exampleRun(), exampleRun({ seed: 9 }), 'runs/x')).toThrow(
      'runs/x holds a run with seed = 1, and 9 was asked for.',
    );
  });
});
