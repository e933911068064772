import { expect, it } from 'vitest';
import { logSoftmax } from './logSoftmax.ts';

it('is exact, also where exponentials would overflow or vanish', () => {
  expect(logSoftmax(Float32Array.of(0, 0, 0, 0), [2])[0]).toBeCloseTo(-Math.log(4), 12);
  expect(logSoftmax(Float32Array.of(1000, 999), [0, 1])).toEqual([
    expect.closeTo(-Math.log1p(Math.exp(-1)), 12),
    expect.closeTo(-1 - Math.log1p(Math.exp(-1)), 12),
  ]);
  expect(logSoftmax(Float32Array.of(-5000, -4000), [0])[0]).toBe(-1000);
});

it('is not a number where a logit is none', () => {
  expect(logSoftmax(Float32Array.of(1, NaN, 2), [0])[0]).toBeNaN();
});
