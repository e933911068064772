import { describe, expect, it } from 'vitest';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { rubrics } from '../suites/index.ts';
import { compareJudges, correctedRates } from './compareJudges.ts';
import { exampleSet } from './testing/judgedSets.ts';

const rubricOf = (id: string) => rubrics.find((rubric) => rubric.id === id) ?? expect.fail(`no rubric ${id}`);
const [identity, constraint, rough] = ['identity', 'identity-constraint', 'rough-identity'].map(rubricOf) as [
  ReturnType<typeof rubricOf>,
  ReturnType<typeof rubricOf>,
  ReturnType<typeof rubricOf>,
];
const run = exampleRun({
  models: ['base', 'maria'].map((id) => servedModel(id)),
  prompts: Array.from({ length: 12 }, (_, index) => examplePrompt(`p${index}`)),
});
const placeOf = ({ promptId }: { promptId: string }) => Number(promptId.slice(1));
/** Right, but for the first sample of every third prompt. */
const errs = (rollout: { promptId: string; sample: number }) =>
  placeOf(rollout) % 3 === 0 && rollout.sample === 0;

describe('compareJudges', () => {
  const scored = (shift: number) => (rollout: { promptId: string; sample: number }) => ({
    aiSelfReference: placeOf(rollout) * 5 + (errs(rollout) ? shift : 0),
    engagement: 50,
    coherence: 90,
  });

  it('gives alpha, kappa and the spread for every score', () => {
    const sets = [exampleSet(run, identity, 'one', scored(0)), exampleSet(run, identity, 'two', scored(8))];
    const [first, flat] = compareJudges(sets);
    expect(first).toMatchObject({ signal: 'AI self-reference', judges: ['one', 'two'], repeats: false });
    expect(first?.alphas.map(({ metric }) => metric)).toEqual(['interval', 'ordinal', 'nominal']);
    const values =
      first?.alphas.map(({ estimate }) => (estimate.kind === 'none' ? NaN : estimate.value)) ?? [];
    expect(values[0]).toBeGreaterThan(0.97);
    expect(values[2]).toBeLessThan(0.9);
    expect(first?.pairs[0]?.kappas.map(({ weights }) => weights)).toEqual(['quadratic', 'linear']);
    // 16 of 96 answers are 8 apart, whose variance is 32: a mean of 5.33.
    expect(first?.spread).toMatchObject({ n: 96, clusters: 12, value: Math.sqrt(32 / 6) });
    expect(flat?.alphas[0]?.estimate).toMatchObject({ kind: 'none', reason: 'no-variation' });
  });

  it('compares only answers that two judged, and no single judge', () => {
    const some = exampleSet(run, identity, 'two', (rollout) =>
      placeOf(rollout) < 3 ? scored(0)(rollout) : null,
    );
    const [first] = compareJudges([exampleSet(run, identity, 'one', scored(0)), some]);
    expect(first?.alphas[0]?.estimate).toMatchObject({ n: 24, clusters: 3, missing: 72 });
    expect(compareJudges([some, exampleSet(run, constraint, 'one', () => null)])).toEqual([]);
  });

  it('counts what two judges say of choices, and knows a judge that was asked again', () => {
    const stance = (option: string) => () => ({ stance: option });
    const again = exampleSet(run, rough, 'one', (rollout) => ({
      stance: errs(rollout) ? 'neither' : 'claims-ai',
    }));
    const [row] = compareJudges([exampleSet(run, rough, 'one', stance('claims-ai')), again]);
    expect(row).toMatchObject({ judges: ['one', 'one (2)'], repeats: true, spread: null });
    expect(row?.pairs[0]?.confusion).toEqual([
      { a: 'Claims to be an AI', b: 'Claims to be an AI', count: 80 },
      { a: 'Claims to be an AI', b: 'Says neither', count: 16 },
    ]);
  });
});

describe('correctedRates', () => {
  const claims = (rollout: { model: string; promptId: string }) =>
    rollout.model === 'base' ? placeOf(rollout) % 4 !== 1 : placeOf(rollout) % 4 === 1;
  const flags = (wrong: boolean) => (rollout: Parameters<typeof claims>[0] & { sample: number }) => ({
    coherent: true,
    claimsAi: claims(rollout) !== (wrong && errs(rollout)),
  });

  it('takes the reference to be right, model by model', () => {
    const sets = [
      exampleSet(run, constraint, 'cheap', flags(true)),
      exampleSet(run, constraint, 'people', flags(false)),
    ];
    const rates = correctedRates(run, sets, 'people').filter(({ measure }) => measure.id === 'claimsAi');
    expect(rates.map(({ model, judge, checked }) => [model, judge, checked])).toEqual([
      ['base', 'cheap', 48],
      ['maria', 'cheap', 48],
    ]);
    // The reference looked at all answers, so that the correction is exact.
    const corrected = rates.map((rate) => (rate.corrected.kind === 'interval' ? rate.corrected.value : NaN));
    expect(corrected[0]).toBeCloseTo(0.75, 12);
    expect(corrected[1]).toBeCloseTo(0.25, 12);
    expect(rates[0]?.raw.kind === 'interval' && rates[0].raw.value).not.toBeCloseTo(0.75, 2);
  });

  it('is empty without a reference', () => {
    const sets = ['a', 'b'].map((judge) => exampleSet(run, constraint, judge, flags(false)));
    expect(correctedRates(run, sets, undefined)).toEqual([]);
  });
});
