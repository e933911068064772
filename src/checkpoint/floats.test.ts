import { describe, expect, it } from 'vitest';
import {
  findNonFinite,
  fromBfloat16Bits,
  fromFloat16Bits,
  roundToFloat16,
  toBfloat16Bits,
  toFloat16Bits,
  toFloat32,
} from './floats.ts';

const floatOf = (word: number): number => new Float32Array(new Uint32Array([word]).buffer)[0]!;
const wordOf = (value: number): number => new Uint32Array(new Float32Array([value]).buffer)[0]!;

/** Finite float16 of one sign in ascending order, by the definition. */
const halves = Array.from({ length: 0x7c00 }, (_, bits) => {
  const exponent = bits >> 10;
  return exponent === 0 ? bits * 2 ** -24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25);
});

/** Each float32 next to a place where the nearest float16 changes, and what is nearest there. */
function* float16Boundaries(): Generator<readonly [value: number, bits: number]> {
  for (let bits = 0; bits < halves.length; bits++) {
    const [low, high] = [halves[bits]!, halves[bits + 1] ?? 65536];
    // Exact: half way has at most 12 significant bits.
    const middle = (low + high) / 2;
    yield [low, bits];
    yield [floatOf(wordOf(middle) - 1), bits];
    yield [middle, bits % 2 === 0 ? bits : bits + 1];
    yield [floatOf(wordOf(middle) + 1), bits + 1];
  }
}

describe('float16', () => {
  it('rounds every boundary between two neighbours to the nearest, ties to even', () => {
    const pairs = [...float16Boundaries()];
    const values = Float32Array.from(pairs, ([value]) => value);
    expect([...toFloat16Bits(values)]).toEqual(pairs.map(([, bits]) => bits));
    expect([...toFloat16Bits(values.map((value) => -value))]).toEqual(pairs.map(([, bits]) => bits | 0x8000));
  });

  it('reads all 65,536 patterns, and writes the finite ones back', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const values = fromFloat16Bits(all);
    expect([...values.subarray(0, 0x7c00)]).toEqual(halves);
    const finite = all.filter((bits) => (bits & 0x7c00) !== 0x7c00);
    expect(toFloat16Bits(fromFloat16Bits(finite))).toEqual(finite);
    expect(values[0x7c00]).toBe(Infinity);
    expect(values[0xfc00]).toBe(-Infinity);
    expect(values[0x7c01]).toBeNaN();
  });

  it('rounds one number as it rounds arrays, and doubles without a stop at float32', () => {
    const wrong = [...float16Boundaries()].filter(([value, bits]) => {
      const expected = halves[bits] ?? Infinity;
      return roundToFloat16(value) !== expected || roundToFloat16(-value) !== -expected;
    });
    expect(wrong).toEqual([]);
    // In float32 this would be the tie 2049, which goes to 2048.
    expect(roundToFloat16(2049 + 2 ** -40)).toBe(2050);
    expect(roundToFloat16(NaN)).toBeNaN();
  });
});

describe('bfloat16', () => {
  it('rounds every boundary to the nearest, ties to even, and cuts where rounding would give infinity', () => {
    const values: number[] = [];
    const expected: number[] = [];
    for (let bits = 0; bits < 0x7f80; bits++) {
      const word = bits << 16;
      for (const add of [0, 0x7fff, 0x8000, 0x8001]) {
        const isUp = bits < 0x7f7f && (add > 0x8000 || (add === 0x8000 && bits % 2 === 1));
        values.push(floatOf(word + add));
        expected.push(bits + (isUp ? 1 : 0));
      }
    }
    expect([...toBfloat16Bits(Float32Array.from(values))]).toEqual(expected);
    expect([...toBfloat16Bits(Float32Array.of(Infinity, -Infinity))]).toEqual([0x7f80, 0xff80]);
  });

  it('is exact in float32', () => {
    const bits = Uint16Array.of(0x3f80, 0xc049, 0x0001, 0x8000);
    expect([...fromBfloat16Bits(bits)]).toEqual([1, -3.140625, 2 ** -133, -0]);
  });
});

describe('toFloat32', () => {
  it('reads values that do not lie on a multiple of their size', () => {
    const source = Uint8Array.from([9, ...new Uint8Array(Float32Array.of(1.5, -2).buffer)]);
    expect([...toFloat32(source.subarray(1), 'F32')]).toEqual([1.5, -2]);
    expect([...toFloat32(Uint8Array.of(9, 0x80, 0x3f).subarray(1), 'BF16')]).toEqual([1]);
    expect([...toFloat32(Uint8Array.of(9, 0x00, 0x3c).subarray(1), 'F16')]).toEqual([1]);
  });
});

describe('findNonFinite', () => {
  it('finds the first that is NaN, infinite or not below a limit', () => {
    expect(findNonFinite(Float32Array.of(1, -3e38))).toBe(-1);
    expect(findNonFinite(Float32Array.of(1, NaN, Infinity))).toBe(1);
    expect(findNonFinite(Float32Array.of(1, 2, -Infinity))).toBe(2);
    expect(findNonFinite(Float32Array.of(65519, -65520), 65520)).toBe(1);
  });
});
