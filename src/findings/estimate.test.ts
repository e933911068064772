import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusteredValue } from './clusters.ts';
import {
  type Estimate,
  meanByCluster,
  pairedMeanDifference,
  pairedRateDifference,
  rateByCluster,
  wilsonInterval,
} from './estimate.ts';
import reference from './reference/reference.json' with { type: 'json' };
import { studentCritical } from './studentT.ts';

interface Expected {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function clustered(values: readonly number[], clusters: readonly number[]): ClusteredValue[] {
  return values.map((value, index) => ({ value, cluster: `p${clusters[index]}` }));
}

function expectClose(estimate: Estimate, { value, low, high }: Expected): void {
  expect(estimate.kind).toBe('interval');
  if (estimate.kind !== 'interval') return;
  expect(Math.abs(estimate.value - value)).toBeLessThan(1e-9);
  expect(Math.abs(estimate.low - low)).toBeLessThan(1e-9);
  expect(Math.abs(estimate.high - high)).toBeLessThan(1e-9);
}

describe('against scipy and statsmodels', () => {
  it.each(reference.studentCritical)('critical t at level $level with $df df', ({ level, df, value }) => {
    expect(Math.abs(studentCritical(level, df) / value - 1)).toBeLessThan(1e-9);
  });

  it.each(reference.wilson)('Wilson of $count in $n', ({ count, n, interval: [low, high] }) => {
    const wilson = wilsonInterval(count / n, n, reference.normalCritical);
    expect(Math.abs(wilson.low - (low ?? NaN))).toBeLessThan(1e-9);
    expect(Math.abs(wilson.high - (high ?? NaN))).toBeLessThan(1e-9);
  });

  it.each(reference.means)('mean, cluster-robust under Hall’s transformation: $value', (expected) => {
    const values = clustered(expected.values, expected.clusters);
    expectClose(meanByCluster(values), expected);
  });

  it.each(reference.rates)('rate, clustered Wilson: $value', (expected) => {
    expectClose(rateByCluster(clustered(expected.values, expected.clusters)), expected);
  });

  it.each(reference.pairs)('paired difference of means: $value', (expected) => {
    const { a, b, clusters } = expected;
    expectClose(pairedMeanDifference(clustered(a, clusters), clustered(b, clusters)), expected);
  });

  it('is the paired t interval without skew, when every prompt has one answer of each', () => {
    const { a, b } = reference.pairedT;
    const clusters = a.map((_, index) => index);
    expectClose(pairedMeanDifference(clustered(a, clusters), clustered(b, clusters)), reference.pairedT);
  });

  it.each(reference.ratePairs)('paired difference of rates: $value', (expected) => {
    const { a, b, clusters } = expected;
    expectClose(pairedRateDifference(clustered(a, clusters), clustered(b, clusters)), expected);
  });
});

describe('what cannot be estimated', () => {
  it('says so for no values, and never gives 0', () => {
    const none = { kind: 'none', reason: 'no-answers', n: 0, clusters: 0, missing: 1 };
    expect(meanByCluster([{ cluster: 'a', value: null }])).toEqual(none);
    expect(rateByCluster([{ cluster: 'a', value: NaN }])).toEqual(none);
    expect(pairedMeanDifference([], [{ cluster: 'a', value: null }])).toEqual(none);
  });

  it('gives no interval for one prompt, however many answers it has', () => {
    const values = clustered([1, 0, 1, 1], [0, 0, 0, 0]);
    const point = { kind: 'point', reason: 'one-prompt', value: 0.75, n: 4, clusters: 1, missing: 0 };
    expect(meanByCluster(values)).toEqual(point);
    expect(rateByCluster(values)).toEqual(point);
    expect(pairedRateDifference(values, values)).toMatchObject({ reason: 'one-prompt', value: 0 });
  });

  it('gives no interval for a mean without any spread, but one for a rate', () => {
    const values = clustered([1, 1, 1, 1], [0, 1, 2, 3]);
    expect(meanByCluster(values)).toMatchObject({ kind: 'point', reason: 'no-spread', value: 1 });
    expect(meanByCluster(clustered([0.1, 0.1, 0.1], [0, 1, 2]))).toMatchObject({ reason: 'no-spread' });
    expect(rateByCluster(values)).toMatchObject({ kind: 'interval', value: 1, high: 1 });
    expect(pairedMeanDifference(values, values)).toMatchObject({ reason: 'no-spread', value: 0 });
  });

  it('gives an interval for all against none', () => {
    const clusters = Array.from({ length: 40 }, (_, index) => index);
    const all = clustered(
      clusters.map(() => 1),
      clusters,
    );
    const none = clustered(
      clusters.map(() => 0),
      clusters,
    );
    const difference = pairedRateDifference(all, none);
    expect(difference).toMatchObject({ kind: 'interval', value: 1, high: 1 });
    if (difference.kind === 'interval') expect(difference.low).toBeGreaterThan(0.8);
    if (difference.kind === 'interval') expect(difference.low).toBeLessThan(0.95);
  });

  it('compares only the prompts that both sides have, and counts the rest', () => {
    const a = clustered([1, 0, 1, 1], [0, 1, 2, 2]);
    const b = clustered([0, 0, 1, 0, 0], [0, 1, 1, 5, 6]);
    expect(pairedRateDifference(a, b)).toMatchObject({ n: 5, clusters: 2, missing: 4 });
    expect(pairedMeanDifference(a, clustered([1], [9]))).toMatchObject({ kind: 'none', missing: 5 });
  });

  it('refuses a critical value for no degrees of freedom', () => {
    expect(() => studentCritical(0.95, 0)).toThrow(RangeError);
    expect(() => studentCritical(1, 4)).toThrow(RangeError);
  });
});

const cluster = fc.integer({ min: 0, max: 12 }).map((index) => `p${index}`);
const scores = fc.array(
  fc.record({ cluster, value: fc.option(fc.double({ min: 0, max: 100, noNaN: true })) }),
);
const flags = fc.array(fc.record({ cluster, value: fc.constantFrom(0, 1, null) }));
const anything = fc.array(fc.record({ cluster, value: fc.option(fc.double({ min: -1e9, max: 1e9 })) }));

function expectSound(estimate: Estimate): void {
  for (const member of Object.values(estimate)) expect(member).not.toBeNaN();
  if (estimate.kind !== 'interval') return;
  expect(estimate.low).toBeLessThanOrEqual(estimate.value);
  expect(estimate.high).toBeGreaterThanOrEqual(estimate.value);
}

function widthOf(estimate: Estimate): number {
  return estimate.kind === 'interval' ? estimate.high - estimate.low : Infinity;
}

describe('whatever the values', () => {
  it('an interval holds its value, and nothing is NaN', () => {
    fc.assert(
      fc.property(anything, anything, flags, flags, (a, b, c, d) => {
        const means = [meanByCluster(a), pairedMeanDifference(a, b)];
        for (const estimate of [...means, rateByCluster(c), pairedRateDifference(c, d)])
          expectSound(estimate);
      }),
    );
  });

  it('rates stay from 0 to 1, their differences from -1 to 1, means on their scale', () => {
    fc.assert(
      fc.property(flags, flags, scores, (a, b, c) => {
        const range = { min: 0, max: 100 };
        const checks = [
          [rateByCluster(a), 0, 1],
          [pairedRateDifference(a, b), -1, 1],
          [meanByCluster(c, { range }), 0, 100],
          [pairedMeanDifference(c, c.slice(2), { range }), -100, 100],
        ] as const;
        for (const [estimate, min, max] of checks) {
          if (estimate.kind !== 'interval') continue;
          expect(estimate.low).toBeGreaterThanOrEqual(min);
          expect(estimate.high).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  it('leaves missing values out and counts them', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const present = values.filter(({ value }) => value !== null);
        const estimate = meanByCluster(values);
        expect(estimate).toEqual({ ...meanByCluster(present), missing: values.length - present.length });
        expect(estimate.n).toBe(present.length);
        expect(estimate.clusters).toBe(new Set(present.map((value) => value.cluster)).size);
      }),
    );
  });

  it('does not depend on the order of the answers', () => {
    fc.assert(
      fc.property(flags, flags, fc.infiniteStream(fc.nat()), (a, b, keys) => {
        const shuffle = (values: ClusteredValue[]) =>
          values
            .map((value) => ({ value, key: keys.next().value }))
            .sort((x, y) => x.key - y.key)
            .map(({ value }) => value);
        expect(rateByCluster(shuffle(a))).toEqual(rateByCluster(a));
        expect(pairedRateDifference(shuffle(a), shuffle(b))).toEqual(pairedRateDifference(a, b));
        expect(meanByCluster(shuffle(a))).toEqual(meanByCluster(a));
      }),
    );
  });

  it('answers that are copies of others add no certainty', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const one = meanByCluster(values);
        const copied = meanByCluster([...values, ...values]);
        expect(copied.kind).toBe(one.kind);
        if (one.kind !== 'interval' || copied.kind !== 'interval') return;
        expect(copied.low).toBeCloseTo(one.low, 6);
        expect(copied.high).toBeCloseTo(one.high, 6);
      }),
    );
  });

  it('copies of a whole prompt under another name do add certainty', () => {
    const values = clustered([0, 1, 1, 0, 1, 1, 0, 1], [0, 0, 1, 1, 2, 2, 3, 3]);
    const twin = values.map(({ cluster: name, value }) => ({ cluster: `${name}-twin`, value }));
    expect(widthOf(rateByCluster([...values, ...twin]))).toBeLessThan(widthOf(rateByCluster(values)));
  });

  it('the longer tail has the longer side of the interval', () => {
    const skewed = clustered([0, 0, 1, 2, 0, 30, 1, 0], [0, 1, 2, 3, 4, 5, 6, 7]);
    const sides = (estimate: Estimate) =>
      estimate.kind === 'interval' ? (estimate.high - estimate.value) / (estimate.value - estimate.low) : NaN;
    expect(sides(meanByCluster(skewed))).toBeGreaterThan(1.5);
    expect(
      sides(pairedMeanDifference(clustered(Array(8).fill(0), [0, 1, 2, 3, 4, 5, 6, 7]), skewed)),
    ).toBeLessThan(0.7);
  });

  it('a difference is minus the difference the other way round', () => {
    fc.assert(
      fc.property(flags, flags, (a, b) => {
        for (const difference of [pairedRateDifference, pairedMeanDifference]) {
          const [there, back] = [difference(a, b), difference(b, a)];
          expect(back.kind).toBe(there.kind);
          if (there.kind !== 'interval' || back.kind !== 'interval') return;
          expect(back.low).toBeCloseTo(-there.high, 12);
          expect(back.high).toBeCloseTo(-there.low, 12);
        }
      }),
    );
  });
});
