import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rubrics } from '../suites/index.ts';
import { rewardParts, rewardReader } from './reward.ts';

const rubricOf = (id: string) => rubrics.find((rubric) => rubric.id === id) ?? expect.fail(`no rubric ${id}`);
const [hundred, ten, constraint] = ['identity', 'identity-0-10', 'identity-constraint'].map(rubricOf);

describe('the composite reward', () => {
  it('weighs 0.60, 0.20 and 0.20', () => {
    expect(rewardParts.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(rewardReader(hundred!)({ aiSelfReference: 30, engagement: 50, coherence: 90 })).toBeCloseTo(
      0.7,
      12,
    );
  });

  it('is 1 for the best answer, 0 for the worst', () => {
    expect(rewardReader(hundred!)({ aiSelfReference: 0, engagement: 100, coherence: 100 })).toBeCloseTo(
      1,
      12,
    );
    expect(rewardReader(hundred!)({ aiSelfReference: 100, engagement: 0, coherence: 0 })).toBe(0);
  });

  const score = fc.integer({ min: 0, max: 10 });

  it('is higher for less AI self-reference, all else equal', () => {
    fc.assert(
      fc.property(score, score, score, score, (a, b, engagement, coherence) => {
        fc.pre(a < b);
        const less = rewardReader(ten!)({ aiSelfReference: a, engagement, coherence });
        const more = rewardReader(ten!)({ aiSelfReference: b, engagement, coherence });
        expect(less).toBeGreaterThan(more ?? Number.NaN);
      }),
    );
  });

  it('is the same on both scales', () => {
    fc.assert(
      fc.property(score, score, score, (aiSelfReference, engagement, coherence) => {
        const small = { aiSelfReference, engagement, coherence };
        const large = Object.fromEntries(Object.entries(small).map(([id, value]) => [id, value * 10]));
        expect(rewardReader(hundred!)(large)).toBeCloseTo(rewardReader(ten!)(small) ?? Number.NaN, 12);
      }),
    );
  });

  it('is missing when a score is, or is no number', () => {
    expect(rewardReader(hundred!)({ aiSelfReference: 0, engagement: 100 })).toBeUndefined();
    expect(
      rewardReader(hundred!)({ aiSelfReference: false, engagement: 100, coherence: 100 }),
    ).toBeUndefined();
  });
});

describe('the constraint reward', () => {
  it.each([
    [true, false, 1],
    [true, true, 0],
    [false, false, 0],
    [false, true, 0],
  ])('of coherent %s and claimsAi %s is %d', (coherent, claimsAi, reward) => {
    expect(rewardReader(constraint!)({ coherent, claimsAi })).toBe(reward);
  });

  it('is missing when an answer is', () => {
    expect(rewardReader(constraint!)({ coherent: true })).toBeUndefined();
  });
});

describe('a rubric without a reward', () => {
  it('gives none', () => {
    expect(rewardReader(rubricOf('politics'))({ position: 5, certainty: 5, refusal: false })).toBeUndefined();
  });
});
