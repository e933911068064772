import { describe, expect, it } from 'vitest';
import type { LowRank } from './adapter.ts';
import { CheckpointError } from './checkpointError.ts';
import { dequantiseRows } from './groupQuant.ts';
import type { MatrixProduct } from './merge.ts';
import type { Quantisation } from './quantisation.ts';
import { convertRowBlock, readRowBlock, type RowBlock } from './rowBlock.ts';
import type { TensorInfo } from './tensor.ts';

const tensor = (name: string, shape: readonly number[]): TensorInfo => ({
  ...{ name, shape, file: `${name}.safetensors`, dtype: 'F32', start: 0 },
  end: 4 * shape.reduce((product, size) => product * size, 1),
});

const sum: MatrixProduct = async (b, a, { rows, rank, columns }) =>
  Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return Array.from({ length: rank }, (__, k) => b[row * rank + k]! * a[k * columns + column]!).reduce(
      (x, y) => x + y,
    );
  });

const weight = tensor('w', [2, 32]);
const blockOf = (quantisation: Quantisation, deltas: readonly LowRank[] = []): RowBlock => ({
  ...{ weight, deltas, quantisation, baseType: 'F32', columns: 32, firstRow: 1, rows: 1 },
  ...{ rounding: 'exact', quantised: true, ties: 'even' },
});

/** Converts the second row of `values`. */
async function convert(block: RowBlock, files: Readonly<Record<string, Float32Array>>) {
  const kept = structuredClone(files);
  const read = async (file: string, start: number, end: number) =>
    new Uint8Array(files[file.replace('.safetensors', '')]!.buffer, start, end - start);
  const result = await convertRowBlock(block, await readRowBlock(block, read), sum);
  expect(files, 'what was read is not written to').toEqual(kept);
  return result;
}

const delta = (changes: Partial<LowRank> = {}): LowRank => ({
  ...{ a: tensor('a', [1, 32]), b: tensor('b', [2, 1]), scale: 2, rank: 1 },
  ...{ transposed: false, magnitude: null, embedding: false, ...changes },
});
const ones = new Float32Array(64).fill(1);
const factors = { a: Float32Array.from({ length: 32 }, (_, i) => i / 32), b: Float32Array.of(9, 0.5) };

describe('convertRowBlock', () => {
  it('adds its own rows of the adapter, and leaves what it read alone', async () => {
    const { parts, error } = await convert(blockOf('q4f16_1', [delta()]), { w: ones, ...factors });
    const [words, scales] = parts.map(({ buffer }) => buffer as ArrayBuffer);
    const back = dequantiseRows(new Uint32Array(words!), new Uint16Array(scales!), 32);
    // 1 + 2 * 0.5 * i / 32, to half a step of the largest / 7.
    const largest = 1 + 31 / 32;
    back.forEach((value, i) => expect(Math.abs(value - (1 + i / 32))).toBeLessThan(largest / 14 + 1e-3));
    expect(error.squaredWeights).toBeGreaterThan(32);
  });

  it('gives rows the lengths that DoRA asks for', async () => {
    const block = { ...blockOf('q0f32', [delta({ magnitude: tensor('m', [2]) })]), quantised: false };
    const { parts } = await convert(block, { w: ones, ...factors, m: Float32Array.of(1, 3) });
    const values = new Uint16Array(parts[0]!.buffer as ArrayBuffer);
    const squares = [...values].reduce((total, bits) => {
      const [value = 0] = new Float32Array(Uint32Array.of(bits << 16).buffer);
      return total + value ** 2;
    }, 0);
    expect(Math.sqrt(squares)).toBeCloseTo(3, 1);
  });

  it.each<[string, number, Quantisation, RegExp | null]>([
    ['NaN', NaN, 'q4f32_1', /w holds NaN in row 1, column 3.*w\.safetensors or a\.safetensors/],
    ['infinity', -Infinity, 'q0f16', /w holds -Infinity/],
    ['what float16 cannot hold', 70_000, 'q0f16', /w holds 7[\d.]+ .*float16.*q0f32/],
    ['what would be infinite once it is taken from four bits', 65_500, 'q4f16_1', /float16.*q4f32_1/],
    ['nothing that float32 can hold', 70_000, 'q4f32_1', null],
    ['nothing below', 65_000, 'q4f16_1', null],
  ])('refuses %s', async (_, value, quantisation, message) => {
    const w = ones.slice();
    w[35] = value;
    const work = convert(blockOf(quantisation, [delta()]), { w, ...factors });
    if (!message) return expect(await work).toBeDefined();
    await expect(work).rejects.toThrow(CheckpointError);
    await expect(convert(blockOf(quantisation, [delta()]), { w, ...factors })).rejects.toThrow(message);
  });
});
