import { expect, it } from 'vitest';
import { penaliseRepeats } from './penaliseRepeats.ts';

it('makes tokens that were seen less likely on either side of 0, and leaves the given logits', () => {
  const logits = Float32Array.of(3, -3, 3, -3, 0);
  expect([...penaliseRepeats(logits, new Set([0, 1, 4]), 1.5)]).toEqual([2, -4.5, 3, -3, 0]);
  expect([...logits]).toEqual([3, -3, 3, -3, 0]);
});
