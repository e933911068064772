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

/** The largest magnitude that the type of the model can hold; from here on a value would become infinite. */
export function limitOf(quantisation: Quantisation): number {
  // Half way between the largest float16, 65504, and the next power of two.
  return isHalf(quantisation) ? 65520 : Infinity;
}
