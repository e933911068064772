import { fromFloat16Bits, roundToEven, roundToFloat16, toFloat16Bits } from './floats.ts';
import type { Ties } from './quantisation.ts';

/** Weights that share a scale. They run along the last axis of a weight, its input features. */
export const groupSize = 32;
/** Codes 0 to 14 stand for -7 to 7 times the scale; 15 does not occur. */
const zeroCode = 7;
const largestCode = 14;
/** Codes in one 32-bit word, the first in the lowest four bits. */
const codesPerWord = 8;
const wordsPerGroup = groupSize / codesPerWord;

/** What a browser computes with, against the weights as given: q4f32_1's scales are stored as bfloat16. */
export interface QuantisationError {
  /** Sum of (stored - given)². */
  readonly squaredError: number;
  readonly squaredWeights: number;
  /** The largest relative root mean square error of a group. */
  readonly worstGroup: number;
}

export interface QuantisedRows {
  /** [rows, 4 * ceil(columns / 32)] */
  readonly words: Uint32Array;
  /** [rows, ceil(columns / 32)]; float16 bits for q4f16_1. */
  readonly scales: Uint16Array | Float32Array;
  readonly error: QuantisationError;
}

export interface QuantiseOptions {
  readonly ties?: Ties;
}

/** The arithmetic of a quantisation, and the room for one group. */
interface Kernel {
  readonly isHalf: boolean;
  readonly round: (value: number) => number;
  readonly ties: Ties;
  /** From this scale on, quotients stay so near -7 to 7 that no code needs clamping. */
  readonly normalScale: number;
  /** The smallest quotient that has each code. */
  readonly thresholds: Float64Array;
  readonly weights: Float32Array;
  /** The same memory. */
  readonly weightBits: Int32Array;
  readonly words: Uint32Array;
  readonly squares: { errors: number; weights: number };
}

/** A quotient's code is never above floor(quotient + this), and hardly ever below. */
const roundingOffset = zeroCode + 0.5 + 2 ** -6;

/** One group, in the type of the quantisation. Signed bits, since V8 makes doubles of unsigned ones. */
const values = new Float32Array(groupSize);
const bits = new Int32Array(values.buffer);
/** Float32 bits of 2^-14. */
const smallestNormalHalf = 0x38800000;

/**
 * Group quantisation as mlc-llm's `group_quantization.py` does it on the CPU: weights are cast to the type of the
 * model first; then quotient and sum are each rounded to that type. `weights`: [rows, columns], finite, and below
 * 65520 in magnitude for q4f16_1.
 */
export function quantiseRows(
  weights: Float32Array,
  columns: number,
  quantisation: 'q4f16_1' | 'q4f32_1',
  { ties = 'even' }: QuantiseOptions = {},
): QuantisedRows {
  const isHalf = quantisation === 'q4f16_1';
  const groups = Math.ceil(columns / groupSize);
  const rows = weights.length / columns;
  const words = new Uint32Array(rows * groups * wordsPerGroup);
  const scales = new Float32Array(rows * groups);
  const kernel = createKernel(isHalf, ties, weights, words);
  const error = { squaredError: 0, squaredWeights: 0, worstGroup: 0 };
  for (let row = 0, group = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += groupSize, group++) {
      const length = Math.min(groupSize, columns - column);
      const scale = quantiseGroup(kernel, row * columns + column, length, group);
      scales[group] = scale;
      const { errors, weights: squares } = kernel.squares;
      error.squaredError += errors;
      error.squaredWeights += squares;
      if (squares > 0) error.worstGroup = Math.max(error.worstGroup, Math.sqrt(errors / squares));
    }
  }
  return { words, scales: isHalf ? toFloat16Bits(scales) : scales, error };
}

function createKernel(isHalf: boolean, ties: Ties, weights: Float32Array, words: Uint32Array): Kernel {
  const round = isHalf ? roundToFloat16 : Math.fround;
  return {
    ...{ isHalf, round, ties, weights, words },
    weightBits: new Int32Array(weights.buffer, weights.byteOffset, weights.length),
    normalScale: isHalf ? 2 ** -14 : 2 ** -126,
    thresholds: findThresholds(round, ties),
    squares: { errors: 0, weights: 0 },
  };
}

/**
 * Quotient -> code is a staircase, since rounding never turns two numbers round. A step's double is found by halving;
 * the quotients of two float32 are too far from it, or on it, for their own rounding to a double to matter.
 */
function findThresholds(round: (value: number) => number, ties: Ties): Float64Array {
  const thresholds = new Float64Array(largestCode + 1).fill(-Infinity);
  for (let code = 1; code <= largestCode; code++) {
    let [below, at] = [code - zeroCode - 1, code - zeroCode];
    for (let middle = (below + at) / 2; middle > below && middle < at; middle = (below + at) / 2) {
      if (codeOf(middle, round, ties) < code) below = middle;
      else at = middle;
    }
    thresholds[code] = at;
  }
  return thresholds;
}

/** MLC's rule for one quotient. 0 / 0 passes neither comparison of TVM's clamp and gets code 0. */
function codeOf(quotient: number, round: (value: number) => number, ties: Ties): number {
  const sum = round(round(quotient) + zeroCode);
  if (!(sum > 0)) return 0;
  if (sum >= largestCode) return largestCode;
  return ties === 'even' ? sum + roundToEven - roundToEven : Math.floor(sum + 0.5);
}

/** Writes words, and the group's squares into the kernel; returns the scale. */
function quantiseGroup(kernel: Kernel, start: number, length: number, group: number): number {
  const most = kernel.isHalf ? castToHalf(kernel, start, length) : copy(kernel, start, length);
  const scale = kernel.round(most / zeroCode);
  const storedScale = kernel.isHalf ? scale : roundToBfloat16(scale);
  if (scale < kernel.normalScale || length < groupSize) packSlowly(kernel, length, group, scale);
  else pack(kernel, group, scale);
  measure(kernel, start, length, group, storedScale);
  return scale;
}

/** Fills `values` with the nearest float16, and returns the largest magnitude. */
function castToHalf({ weights, weightBits }: Kernel, start: number, length: number): number {
  let most = 0;
  for (let i = 0; i < length; i++) {
    const word = weightBits[start + i] as number;
    if ((word & 0x7fffffff) < smallestNormalHalf) {
      // Below 2^-14 float16 has steps of 2^-24, as doubles of this size have.
      values[i] = (weights[start + i] as number) + 1.5 * 2 ** 28 - 1.5 * 2 ** 28;
    } else bits[i] = (word + 0xfff + ((word >> 13) & 1)) & ~0x1fff;
    const magnitude = (bits[i] as number) & 0x7fffffff;
    // Bits of floats are in the order of the floats.
    if (magnitude > most) most = magnitude;
  }
  return floatOfBits(most);
}

function copy({ weightBits }: Kernel, start: number, length: number): number {
  let most = 0;
  for (let i = 0; i < length; i++) {
    const word = weightBits[start + i] as number;
    bits[i] = word;
    const magnitude = word & 0x7fffffff;
    if (magnitude > most) most = magnitude;
  }
  return floatOfBits(most);
}

const one = new Float32Array(1);
const oneBits = new Int32Array(one.buffer);

function floatOfBits(word: number): number {
  oneBits[0] = word;
  return one[0] as number;
}

/** As toBfloat16Bits, of one positive number. */
function roundToBfloat16(value: number): number {
  one[0] = value;
  const word = oneBits[0] as number;
  return floatOfBits((word >= 0x7f7f0000 ? word : word + 0x7fff + ((word >> 16) & 1)) & ~0xffff);
}

function pack({ thresholds, words }: Kernel, group: number, scale: number): void {
  for (let part = 0, i = 0; part < wordsPerGroup; part++) {
    let word = 0;
    for (let shift = 0; shift < 32; shift += 4, i++) {
      const quotient = (values[i] as number) / scale;
      let code = (quotient + roundingOffset) | 0;
      if (quotient < (thresholds[code] as number)) code--;
      word |= code << shift;
    }
    words[group * wordsPerGroup + part] = word;
  }
}

/** Places beyond the last column stay 0. */
function packSlowly({ words, round, ties }: Kernel, length: number, group: number, scale: number): void {
  for (let i = 0; i < length; i++) {
    const word = group * wordsPerGroup + (i >> 3);
    const code = codeOf((values[i] as number) / scale, round, ties);
    words[word] = (words[word] as number) | (code << (4 * (i & 7)));
  }
}

function measure(
  { weights, words, squares }: Kernel,
  start: number,
  length: number,
  group: number,
  scale: number,
): void {
  let [errors, total] = [0, 0];
  for (let i = 0; i < length; i++) {
    const weight = weights[start + i] as number;
    const code = ((words[group * wordsPerGroup + (i >> 3)] as number) >>> (4 * (i & 7))) & 15;
    const error = (code - zeroCode) * scale - weight;
    errors += error * error;
    total += weight * weight;
  }
  squares.errors = errors;
  squares.weights = total;
}

/**
 * The weights that a browser computes with, [rows, columns]: (code - 7) * scale, in float16 if the scales are bits of
 * such, else in float32.
 */
export function dequantiseRows(
  words: Uint32Array,
  scales: Uint16Array | Float32Array,
  columns: number,
): Float32Array {
  const isHalf = scales instanceof Uint16Array;
  const wideScales = isHalf ? fromFloat16Bits(scales) : scales;
  const groups = Math.ceil(columns / groupSize);
  const rows = wideScales.length / groups;
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const word = words[row * groups * wordsPerGroup + (column >> 3)] as number;
      const code = (word >>> (4 * (column & 7))) & 15;
      const scale = wideScales[row * groups + Math.floor(column / groupSize)] as number;
      weights[row * columns + column] = (code - zeroCode) * scale;
    }
  }
  return isHalf ? fromFloat16Bits(toFloat16Bits(weights)) : weights;
}
