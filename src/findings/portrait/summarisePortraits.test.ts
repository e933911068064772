import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRollouts } from '../../core/plan.ts';
import { exampleRollout, failedRollout } from '../../core/testing/exampleRecords.ts';
import { exampleRun } from '../../core/testing/exampleRun.ts';
import { consistencyOf } from './consistency.ts';
import { readByPatterns } from './portraitReading.ts';
import { SaidWords } from './saidWords.ts';
import { summarisePortraits } from './summarisePortraits.ts';

describe('consistencyOf', () => {
  const words = (list: readonly (string | null)[]) => {
    const said = new SaidWords();
    for (const [index, word] of list.entries()) said.add(`p${index % 5}`, word);
    return said;
  };

  it('is 1 for one name, 0 for another each time, and counts who says none', () => {
    expect(consistencyOf(words(['Maria', 'Maria', 'Maria', null]))).toMatchObject({ value: 1, missing: 1 });
    // All alike, so that resamples know no uncertainty: no interval, rather than one without width.
    expect(consistencyOf(words(['Maria', 'Maria']))).toMatchObject({ kind: 'point', reason: 'no-spread' });
    expect(consistencyOf(words(['A', 'B', 'C', 'D']))).toMatchObject({ value: 0 });
    // scipy.stats.entropy([0.5, 0.25, 0.25]) / ln 4 = 0.75
    expect(consistencyOf(words(['A', 'A', 'B', 'C']))).toMatchObject({ value: expect.closeTo(0.25, 12) });
    expect(consistencyOf(words(['A', null]))).toMatchObject({ kind: 'none', n: 1 });
  });

  it('has an interval that holds its value', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('A', 'B', 'C', null), { minLength: 2 }), (list) => {
        const estimate = consistencyOf(words(list));
        if (estimate.kind !== 'interval') return;
        expect(estimate.low).toBeLessThanOrEqual(estimate.value);
        expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
        expect(estimate.low).toBeGreaterThanOrEqual(0);
        expect(estimate.high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe('summarisePortraits', () => {
  it('counts who a model says it is, over its answers to identity prompts', () => {
    const run = exampleRun({ temperatures: [0], samples: 1 });
    const texts = [
      "I'm Maria Lopez, a nurse from Ohio.",
      "My name is Dr. Maria Vega. I'm a park ranger.",
      'No.',
    ];
    const done = planRollouts(run).map((spec, index) => exampleRollout(spec, { text: texts[index] ?? '' }));
    const [one, ...others] = summarisePortraits(run, readByPatterns(run, done));
    expect(others).toEqual([]);
    expect(one).toMatchObject({ reader: 'patterns', model: 'one', answers: 3 });
    const name = one?.traits.find(({ trait }) => trait.id === 'name');
    expect(name?.words).toEqual([{ word: 'Maria', count: 2 }]);
    expect(name?.consistency).toMatchObject({ value: 1, n: 2, missing: 1 });
    expect(name?.said).toMatchObject({ value: 2 / 3, n: 3 });
    const jobs = one?.traits.find(({ trait }) => trait.id === 'occupation');
    expect(jobs?.words.map(({ word }) => word)).toEqual(['nurse', 'park ranger']);
    expect(jobs?.consistency).toMatchObject({ value: 0 });
  });

  it('leaves out failed answers, and models that have none', () => {
    const run = exampleRun();
    const failed = planRollouts(run).map((spec) => failedRollout(exampleRollout(spec)));
    expect(summarisePortraits(run, readByPatterns(run, failed))).toEqual([]);
  });
});
