import { roundTo } from './floats.ts';
import type { FloatType } from './tensor.ts';

/** B @ A: [rows, rank] @ [rank, columns], row-major. */
export type MatrixProduct = (
  b: Float32Array,
  a: Float32Array,
  shape: { readonly rows: number; readonly rank: number; readonly columns: number },
) => Promise<Float32Array>;

export interface MergeOptions {
  readonly columns: number;
  readonly scale: number;
  /** DoRA's length of each row, and the rows of the base before any adapter; null for plain LoRA. */
  readonly dora: { readonly magnitude: Float32Array; readonly base: Float32Array } | null;
  /**
   * `peft` rounds to the base's type after each adapter, as PEFT's `merge_and_unload` does: it keeps the base in its
   * own type, and casts adapters to float32 when it loads them. `exact` stays in float32. One thing of PEFT is not
   * repeated: for DoRA after another adapter it takes that one out of the rounded sum again, and gets a base that is
   * a little off.
   */
  readonly rounding: 'exact' | 'peft';
  readonly weightType: FloatType;
  /** PEFT rounds what it adds to an embedding, and does not for linear layers. */
  readonly embedding: boolean;
}

/**
 * Adds an adapter to rows of a weight, in place: W + s * (B @ A), or DoRA's m * (W + s * (B @ A)) / |W0 + s * (B @ A)|
 * with the length of each row of the base W0. `weights` and `product`: [rows, columns]; the product is used up.
 * Source: peft 0.21.2, tuners/lora/{layer,variants,dora}.py.
 */
export function mergeRows(weights: Float32Array, product: Float32Array, options: MergeOptions): void {
  const { columns, scale, dora, rounding, weightType, embedding } = options;
  // PyTorch multiplies float32 by a float32, so the scale is rounded first.
  const factor = Math.fround(scale);
  for (let i = 0; i < product.length; i++) product[i] = (product[i] as number) * factor;
  if (rounding === 'peft' && embedding) roundTo(product, weightType);
  const stretches = dora ? stretchesOf(dora.base, product, dora.magnitude) : null;
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) + (product[i] as number);
  if (stretches) stretchRows(weights, stretches, columns);
  if (rounding === 'peft') roundTo(weights, weightType);
}

function stretchesOf(base: Float32Array, delta: Float32Array, magnitude: Float32Array): Float32Array {
  const columns = base.length / magnitude.length;
  return magnitude.map((length, row) => {
    let squares = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++)
      squares += Math.fround((base[i] as number) + (delta[i] as number)) ** 2;
    return length / Math.fround(Math.sqrt(squares));
  });
}

function stretchRows(weights: Float32Array, stretches: Float32Array, columns: number): void {
  for (let row = 0, i = 0; row < stretches.length; row++) {
    const stretch = stretches[row] as number;
    for (const end = i + columns; i < end; i++) weights[i] = (weights[i] as number) * stretch;
  }
}
