import { describe, expect, it } from 'vitest';
import { RecentRate } from './progress.ts';

describe('RecentRate', () => {
  it('counts over the last five seconds alone', () => {
    const rate = new RecentRate(0);
    for (let atMs = 0; atMs < 10_000; atMs += 100) rate.add(1, atMs);
    expect(rate.perSecond(10_000)).toBeCloseTo(10, 0);
    for (let atMs = 10_000; atMs < 20_000; atMs += 100) rate.add(4, atMs);
    expect(rate.perSecond(20_000)).toBeCloseTo(40, 0);
  });

  it('knows a rate before five seconds have passed, and none before the first second or count', () => {
    const rate = new RecentRate(1_000);
    expect(rate.perSecond(9_000)).toBeNull();
    const young = new RecentRate(1_000);
    young.add(30, 1_100);
    expect(young.perSecond(1_900)).toBeNull();
    expect(young.perSecond(3_000)).toBe(15);
  });

  it('falls to nought when nothing comes any more', () => {
    const rate = new RecentRate(0);
    rate.add(10, 100);
    expect(rate.perSecond(4_000)).toBeGreaterThan(0);
    expect(rate.perSecond(6_000)).toBe(0);
  });
});
