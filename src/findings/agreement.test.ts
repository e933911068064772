import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctedRate } from './correctedRate.ts';
import type { Estimate } from './estimate.ts';
import { jackknifeEstimate } from './jackknife.ts';
import {
  type RatedAnswer,
  confusionOf,
  type AlphaMetric,
  type KappaWeights,
  krippendorffAlphas,
  ratingSpread,
  weightedKappas,
} from './ratingAgreement.ts';
import { type PairedValue, kendallTau, rankPairs, spearman } from './rankAgreement.ts';
import reference from './reference/reference.json' with { type: 'json' };

interface Expected {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function expectClose(estimate: Estimate, expected: Expected | undefined): void {
  expect(estimate).toMatchObject({ kind: 'interval' });
  if (estimate.kind !== 'interval' || !expected) return expect.fail('nothing to compare');
  for (const member of ['value', 'low', 'high'] as const)
    expect(Math.abs(estimate[member] - expected[member]), member).toBeLessThan(1e-9);
}

const rated = ({ ratings, clusters }: { ratings: (number | null)[][]; clusters: number[] }): RatedAnswer[] =>
  ratings.map((own, index) => ({ cluster: `p${clusters[index]}`, ratings: own }));

const krippendorffAlpha = (answers: readonly RatedAnswer[], metric: AlphaMetric): Estimate =>
  krippendorffAlphas(answers, [metric])[0]?.estimate ?? expect.fail('no alpha');
const weightedKappa = (answers: readonly RatedAnswer[], weights: KappaWeights): Estimate =>
  weightedKappas(answers, [weights])[0]?.estimate ?? expect.fail('no kappa');

describe('against scipy, krippendorff and scikit-learn', () => {
  it.each(reference.ranks)(
    'rank agreement over $clusters.length answers',
    ({ x, y, clusters, ...expected }) => {
      const pairs = x.map((value, index) => ({
        cluster: `p${clusters[index]}`,
        x: value,
        y: y[index] ?? NaN,
      }));
      expectClose(spearman(rankPairs(pairs)), expected.spearman);
      expectClose(kendallTau(rankPairs(pairs)), expected.kendall);
    },
  );

  it.each(reference.agreements)('alpha, kappa and spread over $clusters.length answers', (expected) => {
    const answers = rated(expected);
    for (const metric of ['nominal', 'ordinal', 'interval'] as const)
      expectClose(krippendorffAlpha(answers, metric), expected[metric]);
    if (!expected.none) return;
    for (const weights of ['none', 'linear', 'quadratic'] as const)
      expectClose(weightedKappa(answers, weights), expected[weights]);
    expectClose(ratingSpread(answers), expected.spread);
  });

  it.each(reference.corrected)('corrected rate $value', ({ judged, clusters, truth, ...expected }) => {
    const all = judged.map((value, index) => ({ cluster: `p${clusters[index]}`, value }));
    const checked = all.flatMap(({ cluster, value }, index) => {
      const right = truth[index] ?? null;
      return right === null ? [] : [{ cluster, judged: value, truth: right }];
    });
    expectClose(correctedRate(all, checked), expected);
  });
});

const score = fc.integer({ min: 0, max: 5 });
const cluster = fc.integer({ min: 0, max: 6 }).map((index) => `p${index}`);
const pairs = fc.array(fc.record({ cluster, x: score, y: score }), { maxLength: 40 });
const answers = fc.array(fc.record({ cluster, ratings: fc.array(fc.option(score), { maxLength: 3 }) }));

function expectSound(estimate: Estimate, min: number): void {
  for (const member of Object.values(estimate)) expect(member).not.toBeNaN();
  if (estimate.kind === 'none') return;
  expect(estimate.value).toBeGreaterThanOrEqual(min);
  expect(estimate.value).toBeLessThanOrEqual(1 + 1e-12);
  if (estimate.kind !== 'interval') return;
  expect(estimate.low).toBeLessThanOrEqual(estimate.value);
  expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
  expect(estimate.high).toBeLessThanOrEqual(1);
}

const closeTo = (value: number): unknown => expect.closeTo(value, 9);
type Pairs = readonly PairedValue[];

function slowTau(all: Pairs): number {
  let [order, byX, byY] = [0, 0, 0];
  for (const a of all)
    for (const b of all) {
      order += Math.sign(a.x - b.x) * Math.sign(a.y - b.y);
      byX += Math.sign(a.x - b.x) ** 2;
      byY += Math.sign(a.y - b.y) ** 2;
    }
  return order / Math.sqrt(byX * byY);
}

/** Pearson's correlation of the ranks, by the definition. */
function slowSpearman(all: Pairs): number {
  const ranks = (values: readonly number[]) =>
    values.map((value) =>
      values.reduce((sum, other) => sum + (other < value ? 1 : other === value ? 0.5 : 0), 0),
    );
  const centred = (values: readonly number[]) =>
    values.map((value) => value - values.reduce((sum, each) => sum + each, 0) / values.length);
  const [x, y] = [centred(ranks(all.map((pair) => pair.x))), centred(ranks(all.map((pair) => pair.y)))];
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

describe('whatever the ratings', () => {
  it('rank agreement is sound, the same both ways, and minus itself for turned scores', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        for (const statistic of [spearman, kendallTau]) {
          const estimate = statistic(rankPairs(all));
          expectSound(estimate, -1 - 1e-12);
          const swapped = statistic(
            rankPairs(all.map(({ cluster: name, x, y }) => ({ cluster: name, x: y, y: x }))),
          );
          const turned = statistic(rankPairs(all.map((pair) => ({ ...pair, y: -pair.y }))));
          if (estimate.kind === 'none') continue;
          expect(swapped.kind !== 'none' && swapped.value).toBeCloseTo(estimate.value, 12);
          expect(turned.kind !== 'none' && turned.value).toBeCloseTo(-estimate.value, 12);
        }
      }),
    );
  });

  it('rank agreement is that of the definitions, over all pairs of answers and without each prompt', () => {
    fc.assert(
      fc.property(pairs, (all) => {
        const counts = {
          n: all.length,
          clusters: new Set(all.map(({ cluster: name }) => name)).size,
          missing: 0,
        };
        for (const [statistic, slow] of [
          [spearman, slowSpearman],
          [kendallTau, slowTau],
        ] as const) {
          const leftOut = [...new Set(all.map(({ cluster: name }) => name))].map((left) =>
            slow(all.filter(({ cluster: name }) => name !== left)),
          );
          const expected = jackknifeEstimate({ value: slow(all), leftOut }, counts, 'correlation');
          const estimate = statistic(rankPairs(all));
          expect(estimate.kind).toBe(expected.kind);
          if (expected.kind !== 'none') expect(estimate).toMatchObject({ value: closeTo(expected.value) });
          if (expected.kind === 'interval')
            expect(estimate).toMatchObject({ low: closeTo(expected.low), high: closeTo(expected.high) });
        }
      }),
    );
  });

  it('agreement is sound, and no rating counts as 0', () => {
    fc.assert(
      fc.property(answers, (all) => {
        for (const metric of ['nominal', 'ordinal', 'interval'] as const)
          expectSound(krippendorffAlpha(all, metric), -Infinity);
        for (const weights of ['none', 'linear', 'quadratic'] as const)
          expectSound(weightedKappa(all, weights), -Infinity);
        const usable = all.filter(({ ratings }) => ratings.filter((rating) => rating !== null).length > 1);
        expect(krippendorffAlpha(all, 'nominal')).toMatchObject({
          n: usable.length,
          missing: all.length - usable.length,
        });
      }),
    );
  });

  it('the confusion table holds every answer with two ratings once', () => {
    fc.assert(
      fc.property(answers, (all) => {
        const both = all.filter(({ ratings: [a = null, b = null] }) => a !== null && b !== null);
        const counted = confusionOf(all).reduce((total, { count }) => total + count, 0);
        expect(counted).toBe(both.length);
      }),
    );
  });
});

describe('what cannot be estimated', () => {
  const alike = ['a', 'b', 'c'].map((name) => ({ cluster: name, ratings: [1, 1] }));

  it('is no agreement where all ratings are alike, and full agreement where only judges agree', () => {
    expect(krippendorffAlpha(alike, 'interval')).toMatchObject({
      kind: 'none',
      reason: 'no-variation',
      n: 3,
    });
    expect(weightedKappa([], 'none')).toMatchObject({ kind: 'none', reason: 'no-answers' });
    const apart = alike.map((answer, index) => ({ ...answer, ratings: [index, index] }));
    expect(krippendorffAlpha(apart, 'ordinal')).toMatchObject({
      kind: 'point',
      value: 1,
      reason: 'no-spread',
    });
  });

  it('is no corrected rate from a judge that is right by chance, or that nobody checked', () => {
    const judged = [0, 1, 1, 0].map((value, index) => ({ cluster: `p${index}`, value }));
    const wrong = judged.map(({ cluster: name, value }) => ({
      cluster: name,
      judged: value,
      truth: 1 - value,
    }));
    expect(correctedRate(judged, wrong)).toMatchObject({ kind: 'none', reason: 'no-variation' });
    expect(correctedRate(judged, [])).toMatchObject({ kind: 'none', reason: 'no-answers' });
  });

  it('leaves a rate as it is when the judge is always right, with a wider interval', () => {
    const judged = Array.from({ length: 40 }, (_, index) => ({
      cluster: `p${index}`,
      value: index % 4 === 0 ? 1 : 0,
    }));
    const checked = judged
      .slice(0, 20)
      .map(({ cluster: name, value }) => ({ cluster: name, judged: value, truth: value }));
    expect(correctedRate(judged, checked)).toMatchObject({ kind: 'interval', value: 0.25 });
  });
});
