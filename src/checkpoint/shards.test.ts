import { describe, expect, it } from 'vitest';
import { planShards, type StoredTensor, tensorCacheOf } from './shards.ts';

const mebibyte = 2 ** 20;
const tensor = (name: string, nbytes: number, format: StoredTensor['format'] = 'raw'): StoredTensor => ({
  ...{ name, nbytes, format },
  shape: [nbytes / 4],
  dtype: format === 'raw' ? 'uint32' : 'float32',
});
const layout = (...sizes: number[]) =>
  planShards(sizes.map((size, i) => tensor(String(i), size * mebibyte))).map(({ file, nbytes, tensors }) => [
    file,
    nbytes / mebibyte,
    tensors.map(({ name, byteOffset }) => [name, byteOffset / mebibyte]),
  ]);

describe('planShards', () => {
  it('closes a shard before it would reach 32 MiB', () => {
    expect(layout(15, 15, 1, 1)).toEqual([
      [
        'params_shard_0.bin',
        31,
        [
          ['0', 0],
          ['1', 15],
          ['2', 30],
        ],
      ],
      ['params_shard_1.bin', 1, [['3', 0]]],
    ]);
  });

  it('writes a large tensor at once and alone, while smaller ones go on being gathered', () => {
    expect(layout(10, 100, 10, 16, 15)).toEqual([
      ['params_shard_0.bin', 100, [['1', 0]]],
      ['params_shard_1.bin', 16, [['3', 0]]],
      [
        'params_shard_2.bin',
        20,
        [
          ['0', 0],
          ['2', 10],
        ],
      ],
      ['params_shard_3.bin', 15, [['4', 0]]],
    ]);
  });

  it('plans nothing for nothing', () => {
    expect(planShards([])).toEqual([]);
  });
});

describe('tensorCacheOf', () => {
  it('counts bfloat16 as the float32 that it becomes', () => {
    const shards = planShards([tensor('words', 64), tensor('scales', 8, 'f32-to-bf16')]);
    expect(tensorCacheOf(shards, { md5: ['abc'], parameters: 128 })).toEqual({
      metadata: { ParamSize: 2, ParamBytes: 80, BitsPerParam: 5 },
      records: [
        {
          dataPath: 'params_shard_0.bin',
          format: 'raw-shard',
          nbytes: 72,
          records: [
            { name: 'words', shape: [16], dtype: 'uint32', format: 'raw', nbytes: 64, byteOffset: 0 },
            {
              name: 'scales',
              shape: [2],
              dtype: 'float32',
              format: 'f32-to-bf16',
              nbytes: 8,
              byteOffset: 64,
            },
          ],
          md5sum: 'abc',
        },
      ],
    });
  });
});
