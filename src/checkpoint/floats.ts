import type { FloatType } from './tensor.ts';

const one = new Float32Array(1);
const oneBits = new Uint32Array(one.buffer);

/**
 * The values as float32, which holds every bfloat16 and float16 exactly. Float32 bytes that lie on a multiple of
 * four are not copied.
 */
export function toFloat32(bytes: Uint8Array, dtype: FloatType): Float32Array {
  if (dtype === 'F32') {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
  }
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
  return dtype === 'BF16' ? fromBfloat16Bits(halves) : fromFloat16Bits(halves);
}

export function fromBfloat16Bits(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
  return new Float32Array(words.buffer);
}

// 65536 float16 values as float32; made when first needed.
let float16Table: Float32Array | null = null;

export function fromFloat16Bits(halves: Uint16Array): Float32Array {
  const table = (float16Table ??= Float32Array.from({ length: 65536 }, (_, bits) => decodeFloat16(bits)));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i] as number] as number;
  return values;
}

/** IEEE 754 binary16. */
function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The nearest float16 of each value, ties to even; too large becomes infinite. */
export function toFloat16Bits(values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    one[0] = values[i] as number;
    halves[i] = encodeFloat16(oneBits[0] as number);
  }
  return halves;
}

/** The float16 bits nearest to a float32 that is given by its bits. */
function encodeFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more
  if (magnitude < 0x38800000) {
    // Below 2^-14 the grid is even: steps of 2^-24.
    oneBits[0] = magnitude;
    return sign | ((one[0] as number) * 2 ** 24 + roundToEven - roundToEven);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The nearest float16 of a number, ties to even. For whole arrays there is {@link toFloat16Bits}. */
export function roundToFloat16(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < 65520)) return magnitude > 0 ? Math.sign(value) * Infinity : NaN;
  one[0] = magnitude;
  const exponent = Math.max(-14, ((oneBits[0] as number) >>> 23) - 127);
  // A double of this size has the step that float16 has at the value's, so that adding it rounds to that.
  const rounder = 1.5 * 2 ** (exponent + 42);
  return Math.sign(value) * (magnitude + rounder - rounder);
}

/** Added and taken away again it leaves the nearest integer, ties to even, of a double below 2^51. */
export const roundToEven = 1.5 * 2 ** 52;

/**
 * As TVM stores float32: the nearest bfloat16, ties to even, but magnitudes from the largest finite bfloat16 on are
 * cut, so that nothing becomes infinite (tvmjs.py, `_convert_f32_to_bf16`).
 */
export function toBfloat16Bits(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) {
    const bits = words[i] as number;
    const isLarge = (bits & 0x7fffffff) >= 0x7f7f0000;
    halves[i] = (isLarge ? bits : bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
  return halves;
}

/** Rounds values to a type in place, and returns them. */
export function roundTo(values: Float32Array, dtype: FloatType): Float32Array {
  if (dtype === 'F32') return values;
  const rounded =
    dtype === 'BF16' ? fromBfloat16Bits(toBfloat16Bits(values)) : fromFloat16Bits(toFloat16Bits(values));
  values.set(rounded);
  return values;
}

/** Index of the first value that is not a number, or whose magnitude is not below `limit`; -1 when there is none. */
export function findNonFinite(values: Float32Array, limit = Infinity): number {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i] as number) < limit)) return i;
  return -1;
}
