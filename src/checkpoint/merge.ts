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
  /** DoRA's length of each row; null for plain LoRA. */
  readonly magnitude: Float32Array | null;
  /** `peft` rounds where PEFT's `merge_and_unload` on a CPU does; `exact` stays in float32. */
  readonly rounding: 'exact' | 'peft';
  /** The types on disk, for `peft`. */
  readonly weightType: FloatType;
  readonly adapterType: FloatType;
}

/**
 * Adds an adapter to rows of a weight, in place: W + s * (B @ A), or DoRA's m * (W + s * (B @ A)) / |W + s * (B @ A)|
 * with the length of each row. `weights` and `product`: [rows, columns].
 * Source: peft 0.21.2, tuners/lora/{layer,variants,dora}.py.
 */
export function mergeRows(weights: Float32Array, product: Float32Array, options: MergeOptions): void {
  const { scale, magnitude, rounding, weightType, adapterType } = options;
  for (let i = 0; i < product.length; i++) product[i] = (product[i] as number) * scale;
  if (rounding === 'peft') roundTo(product, adapterType);
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) + (product[i] as number);
  if (magnitude) scaleRows(weights, magnitude, options);
  if (rounding === 'peft') roundTo(weights, weightType);
}

function scaleRows(
  weights: Float32Array,
  magnitude: Float32Array,
  { columns, rounding, weightType, adapterType }: MergeOptions,
): void {
  // PyTorch computes in the wider of two types; bfloat16 with float16 gives float32.
  const type = rounding === 'peft' && weightType === adapterType ? weightType : 'F32';
  roundTo(weights, type);
  const factors = new Float32Array(magnitude.length);
  for (let row = 0; row < factors.length; row++) {
    let sum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) sum += (weights[i] as number) ** 2;
    factors[row] = Math.sqrt(sum);
  }
  roundTo(factors, type);
  for (let row = 0; row < factors.length; row++)
    factors[row] = (magnitude[row] as number) / (factors[row] as number);
  roundTo(factors, type);
  for (let row = 0, i = 0; row < factors.length; row++) {
    const factor = factors[row] as number;
    for (const end = i + columns; i < end; i++) weights[i] = (weights[i] as number) * factor;
  }
}
