import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { rubrics } from '../suites/index.ts';
import { pairPlaces } from './pairPlaces.ts';
import { placeValues } from './placeValues.ts';
import {
  detectableDifference,
  power,
  powerAt,
  powerOf,
  promptsNeeded,
  samplesNeeded,
  varianceParts,
} from './power.ts';
import reference from './reference/reference.json' with { type: 'json' };
import { exampleSet } from './testing/judgedSets.ts';

const valuesOf = (prompts: readonly (readonly number[])[]) =>
  prompts.flatMap((answers, prompt) => answers.map((value) => ({ cluster: `p${prompt}`, value })));

describe('against statsmodels', () => {
  it.each(reference.power)('prompts for an effect of $effect', ({ effect, prompts }) => {
    // Rounded up, and the plain t for the noncentral one.
    expect(Math.abs((promptsNeeded(effect, 1) ?? NaN) - prompts)).toBeLessThan(2);
  });

  it('splits the scatter as an analysis of variance does', () => {
    const { a, b, ...expected } = reference.anova;
    const parts = varianceParts(valuesOf(a), valuesOf(b)) ?? expect.fail('no parts');
    expect(parts.prompts).toBe(30);
    for (const part of ['within', 'total', 'between'] as const)
      expect(Math.abs((parts[part] ?? NaN) - expected[part])).toBeLessThan(1e-9);
  });
});

describe('what would settle a difference', () => {
  const parts = { prompts: 40, between: 100, within: 400, total: 200 };

  it('gives the chance that it aims at to the prompts that it asks for, and not to one fewer', () => {
    const needed = promptsNeeded(3, 200) ?? expect.fail('no number');
    expect(powerAt(needed, 3, 200)).toBeGreaterThanOrEqual(power);
    expect(powerAt(needed - 1, -3, 200)).toBeLessThan(power);
    expect(powerAt(10_000, 3, 200)).toBeCloseTo(1, 6);
  });

  it('finds with the prompts at hand just what it calls detectable', () => {
    const detectable = detectableDifference(parts);
    expect(promptsNeeded(detectable, parts.total)).toBe(40);
    expect(promptsNeeded(detectable * 0.9, parts.total)).toBeGreaterThan(40);
    // 400 / 4 beside 100 is the total: four answers a prompt are what there is.
    expect(samplesNeeded(detectable, parts)).toBe(4);
  });

  it('says when no number of answers does, and when nobody knows', () => {
    // Prompts alone scatter by 10: less than 4.5 is lost in them.
    expect(samplesNeeded(4, parts)).toBeNull();
    expect(samplesNeeded(10, { ...parts, within: null })).toBeNull();
    expect(promptsNeeded(0, 100)).toBeNull();
  });

  it('never needs more for a larger difference', () => {
    const positive = fc.double({ min: 0.1, max: 50, noNaN: true });
    fc.assert(
      fc.property(positive, positive, positive, (small, more, variance) => {
        const [needs, fewer] = [promptsNeeded(small, variance), promptsNeeded(small + more, variance)];
        expect(fewer ?? NaN).toBeLessThanOrEqual(needs ?? NaN);
        expect(promptsNeeded(-small, variance)).toBe(needs);
      }),
    );
  });

  it('has no parts with one prompt, and no scatter within prompts of one answer', () => {
    expect(varianceParts(valuesOf([[1, 2]]), valuesOf([[3, 4]]))).toBeNull();
    const single = varianceParts(valuesOf([[1], [5], [3]]), valuesOf([[2], [2], [2]]));
    expect(single).toEqual({ prompts: 3, between: 4, within: null, total: 4 });
  });
});

describe('powerOf', () => {
  it('plans every comparison with the base that has two prompts', () => {
    const rubric = rubrics.find(({ id }) => id === 'identity') ?? expect.fail('no rubric');
    const prompts = ['a', 'bb', 'cccc'].map((id) => examplePrompt(id));
    const run = exampleRun({
      models: [servedModel('base'), servedModel('maria')],
      prompts: [...prompts, examplePrompt('alone', { category: 'indirect' })],
    });
    const { answers } = exampleSet(run, rubric, 'j', ({ model, promptId, sample }) => ({
      aiSelfReference: model === 'base' ? 80 + sample : 60 + promptId.length * 5,
      engagement: 50,
      coherence: 50,
    }));
    const rows = powerOf(pairPlaces(run, placeValues({ run, answers, rubric })));
    expect(rows.map(({ key, measure }) => [key.model, key.category, measure.id])).toEqual(
      ['aiSelfReference', 'engagement', 'coherence', 'reward'].map((id) => ['maria', 'direct', id]),
    );
    const [first, flat] = rows;
    expect(first?.parts.prompts).toBe(3);
    expect(first?.difference).toMatchObject({ kind: 'interval' });
    expect(first?.prompts).toBeGreaterThan(2);
    expect(flat).toMatchObject({ prompts: null, detectable: 0 });
  });
});
