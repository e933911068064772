/** The number formats that weights may have. */
export type FloatType = 'BF16' | 'F16' | 'F32';

/** Where a tensor lies: row-major, little-endian. */
export interface TensorInfo {
  readonly name: string;
  readonly file: string;
  readonly dtype: FloatType;
  readonly shape: readonly number[];
  /** Bytes [start, end) of the file. */
  readonly start: number;
  readonly end: number;
}

export const bytesOf: Readonly<Record<FloatType, number>> = { BF16: 2, F16: 2, F32: 4 };

/** Values of a shape; 1 for a scalar. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
