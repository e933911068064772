import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16Bits, roundToFloat16 } from './floats.ts';
import { dequantiseRows, quantiseRows } from './groupQuant.ts';
import type { Ties } from './quantisation.ts';

type Group = 'q4f16_1' | 'q4f32_1';
const quantisations: readonly Group[] = ['q4f16_1', 'q4f32_1'];
const ties: readonly Ties[] = ['even', 'away'];
const settings = quantisations.flatMap((quantisation) => ties.map((tie) => [quantisation, tie] as const));

/** The rule, one operation after the other, without a thought of speed. */
function quantiseSlowly(group: Float32Array, quantisation: Group, tie: Ties) {
  const round = quantisation === 'q4f16_1' ? roundToFloat16 : Math.fround;
  const weights = [...group].map(round);
  const scale = round(Math.max(...weights.map(Math.abs)) / 7);
  const codes = weights.map((weight) => {
    const sum = round(round(weight / scale) + 7);
    if (Number.isNaN(sum)) return 0;
    const [floor, rest] = [Math.floor(sum), sum - Math.floor(sum)];
    const isUp = rest > 0.5 || (rest === 0.5 && (tie === 'away' || floor % 2 === 1));
    return Math.min(14, Math.max(0, floor + (isUp ? 1 : 0)));
  });
  return { scale, codes };
}

const codesOf = (words: Uint32Array): number[] =>
  [...words].flatMap((word) => Array.from({ length: 8 }, (_, i) => (word >>> (4 * i)) & 15));

function scalesOf(scales: Uint16Array | Float32Array): number[] {
  return [...(scales instanceof Uint16Array ? fromFloat16Bits(scales) : scales)];
}

function expectLikeSlow(weights: Float32Array, quantisation: Group, tie: Ties): void {
  const { words, scales } = quantiseRows(weights, 32, quantisation, { ties: tie });
  const codes = codesOf(words);
  const found = scalesOf(scales);
  for (let group = 0; group < found.length; group++) {
    const expected = quantiseSlowly(weights.subarray(group * 32, group * 32 + 32), quantisation, tie);
    if (
      !Object.is(found[group], expected.scale) ||
      expected.codes.some((code, i) => code !== codes[group * 32 + i])
    )
      expect({ scale: found[group], codes: codes.slice(group * 32, group * 32 + 32) }).toEqual(expected);
  }
}

describe.each(settings)('%s, ties %s', (quantisation, tie) => {
  it('gives what the rule gives, for every float16 scale and the weights near a change of code', () => {
    for (let mantissa = 1024; mantissa < 2048; mantissa++) {
      const most = mantissa * 2 ** -14;
      const scale = roundToFloat16(most / 7);
      const weights = new Float32Array(14 * 32 * 2);
      for (let code = 0; code < 14; code++) {
        // Float16 steps on both sides of the place where the code changes.
        const middle = (code - 6.5) * scale;
        const step = 2 ** (Math.floor(Math.log2(Math.abs(middle))) - 10);
        for (let i = 0; i < 64; i++) {
          const weight = roundToFloat16(middle) + (i - 32) * step;
          weights[code * 64 + i] = Math.abs(weight) <= most ? weight : 0;
        }
      }
      for (let group = 0; group < weights.length; group += 32) weights[group] = most;
      expectLikeSlow(weights, quantisation, tie);
    }
  });

  it('gives what the rule gives for any float32 weights', () => {
    const weight = fc.oneof(
      fc.float({ noNaN: true, min: -65504, max: 65504 }),
      fc.float({ noNaN: true, min: Math.fround(-0.1), max: Math.fround(0.1) }),
      fc.float({ noNaN: true, min: Math.fround(-1e-6), max: Math.fround(1e-6) }),
      fc.float({ noNaN: true, min: Math.fround(-1e-42), max: Math.fround(1e-42) }),
    );
    fc.assert(
      fc.property(fc.array(weight, { minLength: 32, maxLength: 32 }), fc.boolean(), (group, isLarge) => {
        const scale = isLarge ? 1 : 2 ** -16;
        expectLikeSlow(
          Float32Array.from(group, (value) => value * scale),
          quantisation,
          tie,
        );
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});

describe('quantiseRows', () => {
  it('packs the first weight into the lowest bits, and stores +0 and code 0 for a group of zeros', () => {
    const weights = new Float32Array(64);
    weights[32] = 7;
    weights[33] = -7;
    const { words, scales } = quantiseRows(weights, 64, 'q4f16_1');
    expect([...words]).toEqual([0, 0, 0, 0, 0x7777770e, 0x77777777, 0x77777777, 0x77777777]);
    expect([...scales]).toEqual([0, 0x3c00]);
    expect(dequantiseRows(words, scales, 64).every((value, i) => value + 0 === weights[i]! + 0)).toBe(true);
  });

  it('lets the two ways of rounding a tie differ at shifted values halfway to an even code', () => {
    // Scale 1: 6.5, 7.5 and 8.5 after the shift.
    const weights = Float32Array.from({ length: 32 }, (_, i) => [7, -0.5, 0.5, 1.5][i] ?? 0);
    const codes = (tie: Ties) =>
      codesOf(quantiseRows(weights, 32, 'q4f16_1', { ties: tie }).words).slice(0, 4);
    expect(codes('even')).toEqual([14, 6, 8, 8]);
    expect(codes('away')).toEqual([14, 7, 8, 9]);
  });

  it('clamps where a scale is so small that quotients leave the codes', () => {
    const steps = [10, -10, 3, 0].map((step) => step * 2 ** -24);
    const weights = Float32Array.from({ length: 32 }, (_, i) => steps[i] ?? 0);
    // 10 / 7 steps round to one.
    const { words, scales } = quantiseRows(weights, 32, 'q4f16_1');
    expect([...scales]).toEqual([1]);
    expect(codesOf(words).slice(0, 4)).toEqual([14, 0, 10, 7]);
    const tiny = quantiseRows(
      weights.map((value) => value / 4),
      32,
      'q4f16_1',
    );
    expect([...tiny.scales]).toEqual([0]);
    expect(codesOf(tiny.words).slice(0, 4)).toEqual([14, 0, 14, 0]);
  });

  it('leaves the places beyond the last column 0', () => {
    const weights = Float32Array.from({ length: 2 * 40 }, (_, i) => Math.sin(i));
    const { words, scales } = quantiseRows(weights, 40, 'q4f32_1');
    expect(words).toHaveLength(2 * 8);
    expect([...words.subarray(5, 8), ...words.subarray(13)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(scales).toHaveLength(4);
    const back = dequantiseRows(words, scales, 40);
    expect(back.every((value, i) => Math.abs(value - weights[i]!) <= 1 / 14 + 1e-6)).toBe(true);
  });

  it('measures the error of what the browser computes with, worst group included', () => {
    const weights = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? i - 16 : i === 32 ? 100 : 1));
    const { words, scales, error } = quantiseRows(weights, 64, 'q4f16_1');
    const back = dequantiseRows(words, scales, 64);
    const sum = (from: number, to: number) => {
      const parts = [...weights.subarray(from, to)].map((weight, i) => [
        weight ** 2,
        (weight - back[from + i]!) ** 2,
      ]);
      return parts.reduce(([a = 0, b = 0], [c = 0, d = 0]) => [a + c, b + d], [0, 0]);
    };
    const [squares = 0, errors = 0] = sum(0, 64);
    expect(error.squaredWeights).toBeCloseTo(squares, 6);
    // The browser's product is rounded to float16, which is left out of the sum.
    expect(error.squaredError / errors).toBeCloseTo(1, 2);
    const groups = [sum(0, 32), sum(32, 64)].map(([a = 1, b = 0]) => Math.sqrt(b / a));
    expect(error.worstGroup).toBeCloseTo(Math.max(...groups), 3);
  });

  it('counts the scale of q4f32_1 as it is stored, in bfloat16', () => {
    const weights = new Float32Array(32).fill(1.005);
    const { error, scales } = quantiseRows(weights, 32, 'q4f32_1');
    expect([...scales]).toEqual([Math.fround(Math.fround(1.005) / 7)]);
    // 0.1436 is 0.1436 + 0.0003 in bfloat16.
    expect(Math.sqrt(error.squaredError / 32)).toBeGreaterThan(1e-4);
  });
});
