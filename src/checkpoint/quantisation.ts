/**
 * MLC's names: q4 = groups of 32 weights with four bits each and one scale, q0 = not quantised; f16 or f32 is the
 * type that the model computes in; _1 = rows as in the weight, not transposed.
 */
export type Quantisation = 'q4f16_1' | 'q4f32_1' | 'q0f16' | 'q0f32';
export const quantisations: readonly Quantisation[] = ['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32'];

/** Where a code that lies half way between two goes. TVM has gone to even since 2026; older shards have `away`. */
export type Ties = 'even' | 'away';

export function isHalf(quantisation: Quantisation): boolean {
  return quantisation === 'q4f16_1' || quantisation === 'q0f16';
}

export function isGrouped(quantisation: Quantisation): quantisation is 'q4f16_1' | 'q4f32_1' {
  return quantisation === 'q4f16_1' || quantisation === 'q4f32_1';
}

/** From this magnitude on a value would become infinite in the browser. */
export function limitOf(quantisation: Quantisation): number {
  // Half way to the largest float16, 65504: a group of that has the scale 9360, and 7 * 9360 is too large.
  if (quantisation === 'q4f16_1') return 65488;
  // Half way between 65504 and the next power of two.
  return quantisation === 'q0f16' ? 65520 : Infinity;
}
