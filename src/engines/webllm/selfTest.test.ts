import { describe, expect, it } from 'vitest';
import { relativeError } from './selfTest.ts';

describe('relativeError', () => {
  const logits = Float32Array.of(1, -1, 1, -1);

  it('is the difference in standard deviations', () => {
    expect(relativeError(logits, logits)).toBe(0);
    expect(
      relativeError(
        logits,
        logits.map((value) => value + 0.5),
      ),
    ).toBeCloseTo(0.5);
  });

  it('is not a number when a logit is not', () => {
    expect(relativeError(logits, Float32Array.of(1, NaN, 1, -1))).toBeNaN();
    expect(relativeError(new Float32Array(4), new Float32Array(4))).toBeNaN();
  });
});
