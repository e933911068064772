import { roundToEven, toFloat16Bits } from './floats.ts';
import type { Ties } from './quantisation.ts';

/** Weights that share a scale. They run along the last axis of a weight, its input features. */
export const groupSize = 32;
/** Codes 0 to 14 stand for -7 to 7 times the scale; 15 does not occur. */
const zeroCode = 7;
const largestCode = 14;
/** Codes in one 32-bit word, the first in the lowest four bits. */
const codesPerWord = 8;

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

interface Book {
  squaredError: number;
  squaredWeights: number;
  worstGroup: number;
}

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
  const groups = Math.ceil(columns / groupSize);
  const rows = weights.length / columns;
  const words = new Uint32Array(rows * groups * (groupSize / codesPerWord));
  const scales = new Float32Array(rows * groups);
  const book: Book = { squaredError: 0, squaredWeights: 0, worstGroup: 0 };
  const quantiseGroup = quantisation === 'q4f16_1' ? quantiseHalfGroup : quantiseSingleGroup;
  for (let row = 0, group = 0; row < rows; row++) {
    for (let first = 0; first < columns; first += groupSize, group++) {
      const start = row * columns + first;
      const length = Math.min(groupSize, columns - first);
      const scale = quantiseGroup(weights, start, length, ties);
      scales[group] = scale;
      pack(words, group, length);
      note(book, weights, start, length, quantisation === 'q4f16_1' ? scale : roundToBfloat16(scale));
    }
  }
  return { words, scales: quantisation === 'q4f16_1' ? toFloat16Bits(scales) : scales, error: book };
}

/** Codes of the group in hand. */
const codes = new Int32Array(groupSize);
const singles = new Float32Array(groupSize);
const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

// Below 2^-14 float16 has steps of 2^-24: this leaves their nearest multiple, ties to even.
const smallestHalf = 2 ** -14;
const roundToSmallHalf = 1.5 * 2 ** 28;

/** The nearest float16 of a number below 65520, ties to even. */
function roundToHalf(value: number): number {
  if (value < smallestHalf && value > -smallestHalf) return value + roundToSmallHalf - roundToSmallHalf;
  // Rounding to float32 before cannot spoil a quotient or sum of two float16 (24 >= 2 * 11 + 2 bits).
  one[0] = value;
  const bits = oneBits[0] as number;
  oneBits[0] = (bits + 0xfff + ((bits >>> 13) & 1)) & 0xffffe000;
  return one[0] as number;
}

function roundToBfloat16(value: number): number {
  one[0] = value;
  const bits = oneBits[0] as number;
  oneBits[0] = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return one[0] as number;
}

/** Fills `codes`; returns the scale. */
function quantiseHalfGroup(weights: Float32Array, start: number, length: number, ties: Ties): number {
  let most = 0;
  for (let i = 0; i < length; i++) {
    const half = roundToHalf(weights[start + i] as number);
    singles[i] = half;
    most = Math.max(most, Math.abs(half));
  }
  const scale = roundToHalf(most / zeroCode);
  if (scale === 0) return fillWithoutScale(length);
  for (let i = 0; i < length; i++) {
    const sum = roundToHalf(roundToHalf((singles[i] as number) / scale) + zeroCode);
    codes[i] = toCode(sum, ties);
  }
  return scale;
}

function quantiseSingleGroup(weights: Float32Array, start: number, length: number, ties: Ties): number {
  let most = 0;
  for (let i = 0; i < length; i++) {
    const single = weights[start + i] as number;
    singles[i] = single;
    most = Math.max(most, Math.abs(single));
  }
  const scale = Math.fround(most / zeroCode);
  if (scale === 0) return fillWithoutScale(length);
  for (let i = 0; i < length; i++) {
    const sum = Math.fround(Math.fround((singles[i] as number) / scale) + zeroCode);
    codes[i] = toCode(sum, ties);
  }
  return scale;
}

function toCode(sum: number, ties: Ties): number {
  const code = ties === 'even' ? sum + roundToEven - roundToEven : Math.floor(sum + 0.5);
  return code < 0 ? 0 : code > largestCode ? largestCode : code;
}

/** A scale that is 0 or too small for its type makes quotients infinite, and 0 / 0 goes to code 0 as in TVM. */
function fillWithoutScale(length: number): number {
  for (let i = 0; i < length; i++) codes[i] = (singles[i] as number) > 0 ? largestCode : 0;
  return 0;
}

/** Places beyond the last column are 0. */
function pack(words: Uint32Array, group: number, length: number): void {
  const firstWord = group * (groupSize / codesPerWord);
  for (let i = 0; i < length; i++) {
    const word = firstWord + (i >> 3);
    words[word] = (words[word] as number) | ((codes[i] as number) << (4 * (i & 7)));
  }
}

function note(book: Book, weights: Float32Array, start: number, length: number, scale: number): void {
  let squaredError = 0;
  let squaredWeights = 0;
  for (let i = 0; i < length; i++) {
    const weight = weights[start + i] as number;
    const error = ((codes[i] as number) - zeroCode) * scale - weight;
    squaredError += error * error;
    squaredWeights += weight * weight;
  }
  book.squaredError += squaredError;
  book.squaredWeights += squaredWeights;
  if (squaredWeights > 0)
    book.worstGroup = Math.max(book.worstGroup, Math.sqrt(squaredError / squaredWeights));
}

/** The weights that a browser computes with, [rows, columns], from words and scales as float32. */
export function dequantiseRows(words: Uint32Array, scales: Float32Array, columns: number): Float32Array {
  const groups = Math.ceil(columns / groupSize);
  const rows = scales.length / groups;
  const weights = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const word = words[row * groups * 4 + (column >> 3)] as number;
      const code = (word >>> (4 * (column & 7))) & 15;
      const scale = scales[row * groups + Math.floor(column / groupSize)] as number;
      weights[row * columns + column] = (code - zeroCode) * scale;
    }
  }
  return weights;
}
