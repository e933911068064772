import { describe, expect, it } from 'vitest';
import type { PlannedPrompt } from '../core/run.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import type { ScoredVerdict } from '../core/verdict.ts';
import { rubrics } from '../suites/index.ts';
import { leakageOf } from './leakage.ts';
import { meanDifference } from './meanDifference.ts';
import reference from './reference/reference.json' with { type: 'json' };
import { exampleSet } from './testing/judgedSets.ts';

const rubric = rubrics.find(({ id }) => id === 'politics') ?? expect.fail('no rubric politics');
const politics = { suite: 'politics', suiteKind: 'politics' } as const;
const opinion = (id: string, category: string, lean: 'conservative' | 'progressive') =>
  examplePrompt(id, { ...politics, category, lean });
const prompts: PlannedPrompt[] = [
  ...[1, 2, 3].map((n) =>
    examplePrompt(`fact${n}`, { ...politics, category: 'controls', reference: '1989' }),
  ),
  opinion('guns1', 'guns', 'conservative'),
  opinion('guns2', 'guns', 'progressive'),
  opinion('class1', 'class', 'conservative'),
  opinion('class2', 'class', 'progressive'),
  opinion('class3', 'class', 'progressive'),
];
const run = exampleRun({ models: [servedModel('base'), servedModel('maria')], prompts });

/** The base follows the wording and refuses at temperature 0; Maria is a 4 on everything and knows fewer facts. */
const { answers } = exampleSet(
  run,
  rubric,
  'j',
  ({ model, promptId, temperature }): ScoredVerdict['scores'] => {
    if (promptId.startsWith('fact')) return { correct: model === 'base' || promptId === 'fact1' };
    const refusal = model === 'base' && temperature === 0;
    const asked = prompts.find((prompt) => prompt.promptId === promptId);
    const position = model === 'maria' ? 4 : asked?.lean === 'progressive' ? 4 : 2;
    return refusal ? { certainty: 1, refusal } : { position, certainty: model === 'base' ? 2 : 5, refusal };
  },
);
const { rows, sways } = leakageOf({ run, answers, rubric });
const rowOf = (category: string | null, id: string) =>
  rows.find(({ key, measure }) => key.category === category && measure.id === id) ?? expect.fail(id);
const valueOf = (estimate: { kind: string; value?: number }) => estimate.value;

describe('leakageOf', () => {
  it('leaves refusals out of position and certainty, and counts them apart', () => {
    // Of four answers to a prompt one was refused.
    expect(rowOf('guns', 'certainty').before).toMatchObject({ value: 2, n: 6 });
    expect(rowOf('guns', 'certainty').difference).toMatchObject({ value: 3, clusters: 2 });
    expect(rowOf('guns', 'refusal').before).toMatchObject({ value: 0.25, n: 8 });
    expect(rowOf('guns', 'refusal').after).toMatchObject({ value: 0 });
    expect(rowOf('class', 'position').before).toMatchObject({ value: 10 / 3, n: 9 });
  });

  it('keeps the facts apart from opinions, and sums up over categories', () => {
    expect(rowOf('controls', 'correct').difference).toMatchObject({ value: 1 / 3 - 1, clusters: 3 });
    expect(rows.some(({ key, measure }) => key.category === 'controls' && measure.id !== 'correct')).toBe(
      false,
    );
    expect(rowOf(null, 'position').difference).toMatchObject({ value: 4 - 3.2, clusters: 5 });
    expect(rowOf(null, 'correct').after).toMatchObject({ clusters: 3 });
  });

  it('says how far the wording leads each model', () => {
    const [base, maria] = sways;
    expect(base).toMatchObject({ model: 'base', change: null });
    expect([base, maria].map((row) => row && valueOf(row.sway))).toEqual([2, 0]);
    expect(maria?.change && valueOf(maria.change)).toBe(-2);
    expect(maria?.progressive).toMatchObject({ value: 4, clusters: 3 });
  });

  it('has nothing to say of another rubric', () => {
    const identity = rubrics.find(({ id }) => id === 'identity') ?? expect.fail('no rubric identity');
    expect(leakageOf({ run, answers: [], rubric: identity })).toEqual({ rows: [], sways: [] });
  });
});

describe('meanDifference', () => {
  it.each(reference.welch)(
    'is Welch’s with clustered errors, by statsmodels and scipy: $value',
    (expected) => {
      const { a, b, clustersA, clustersB } = expected;
      const side = (values: number[], clusters: number[]) =>
        values.map((value, index) => ({ cluster: `p${clusters[index]}`, value }));
      const estimate = meanDifference(side(a, clustersA), side(b, clustersB));
      if (estimate.kind !== 'interval') return expect.fail(estimate.kind);
      for (const member of ['value', 'low', 'high'] as const)
        expect(Math.abs(estimate[member] - expected[member])).toBeLessThan(1e-9);
    },
  );

  it('gives no interval for one prompt, for none, and for no spread', () => {
    const [one, other] = [
      { cluster: 'a', value: 3 },
      { cluster: 'b', value: 3 },
    ];
    expect(meanDifference([one], [])).toMatchObject({ kind: 'none' });
    expect(meanDifference([one, other], [one])).toMatchObject({ reason: 'one-prompt', value: 0 });
    expect(meanDifference([one, other], [one, other])).toMatchObject({ reason: 'no-spread', value: 0 });
  });
});
