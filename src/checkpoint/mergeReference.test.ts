import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planAdapter } from './adapter.ts';
import { toBfloat16Bits, toFloat16Bits, toFloat32 } from './floats.ts';
import { quantiseRows } from './groupQuant.ts';
import type { MatrixProduct } from './merge.ts';
import { parseModelConfig } from './modelConfig.ts';
import { planParameters } from './parameterMap.ts';
import { planConversion } from './planConversion.ts';
import { mergeRowBlock, readRowBlock } from './rowBlock.ts';
import { headerBytes, parseSafetensors, parseSafetensorsIndex } from './safetensors.ts';
import type { TensorInfo } from './tensor.ts';

// Written by models/webllm/reference/write_merges.py with transformers, PEFT and numpy.
const folder = new URL('../../models/webllm/reference/merges/', import.meta.url);

interface Case {
  readonly base: string;
  readonly adapters: readonly { readonly name: string; readonly scale: number }[];
  readonly merged: Readonly<Record<string, string>>;
  readonly quantised: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>>;
}

const readFile = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const readJson = (name: string): unknown => JSON.parse(new TextDecoder().decode(readFile(name)));
const cases = readJson('cases.json') as Readonly<Record<string, Case>>;

function readTensors(name: string): readonly TensorInfo[] {
  const bytes = readFile(name);
  return parseSafetensors(bytes.subarray(0, headerBytes(bytes, name, bytes.length)), name, bytes.length);
}

function readBase(name: string): readonly TensorInfo[] {
  if (name !== 'mistral-f32') return readTensors(`${name}/model.safetensors`);
  const index = parseSafetensorsIndex(readJson(`${name}/model.safetensors.index.json`), 'index');
  const files = [...new Set(index.values())];
  expect(files).toHaveLength(2);
  return files.flatMap((file) => readTensors(`${name}/${file}`));
}

const hash = (array: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    .digest('hex');

const multiply: MatrixProduct = async (b, a, { rows, rank, columns }) => {
  const product = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += b[row * rank + k]! * a[k * columns + column]!;
      product[row * columns + column] = sum;
    }
  }
  return product;
};

/** Every weight of the base with the case's adapters in it, by the base's name. */
async function mergeAll({ base, adapters }: Case, rounding: 'exact' | 'peft') {
  const tensors = readBase(base);
  const plans = adapters.map(({ name, scale }) => {
    const file = `adapter-${name}/adapter_config.json`;
    const weights = readTensors(`adapter-${name}/adapter_model.safetensors`);
    return planAdapter(readJson(file), weights, tensors, { file, scale });
  });
  const config = parseModelConfig(readJson(`${base}/config.json`), 'config.json');
  const parameters = planParameters(config, tensors, 'q4f16_1');
  const { blocks } = planConversion({
    ...{ parameters, adapters: plans, rounding },
    ...{ quantisation: 'q4f16_1', ties: 'even' },
  });
  const sources = parameters.flatMap((parameter) => parameter.sources);
  const merged = new Map<string, { readonly values: Float32Array; readonly columns: number }>();
  for (const [index, { block }] of [...blocks].entries()) {
    const input = await readRowBlock(block, async (file, start, end) => readFile(file).slice(start, end));
    const values = await mergeRowBlock(block, input, multiply);
    // Tensors this small are one block each.
    expect(values).toHaveLength(sources[index]!.shape.reduce((product, size) => product * size, 1));
    merged.set(sources[index]!.name, { values, columns: block.columns });
  }
  return merged;
}

const usesDora = ({ adapters }: Case): boolean => adapters.some(({ name }) => name === 'dora');

/** See MergeOptions: here PEFT's own base is off. */
const isOff = (reference: Case): boolean => usesDora(reference) && reference.adapters.length > 1;

const asStored = (values: Float32Array, base: string): ArrayBufferView =>
  ({ 'llama-bf16': toBfloat16Bits, 'llama-f16': toFloat16Bits, 'mistral-f32': (same: Float32Array) => same })[
    base
  ]!(values);

describe.each(Object.entries(cases).filter(([, reference]) => !isOff(reference)))(
  'merge %s',
  (_, reference) => {
    it("equals PEFT's merge_and_unload, bit for bit, where it rounds as PEFT does", async () => {
      const merged = await mergeAll(reference, 'peft');
      const hashes = Object.fromEntries(
        [...merged].map(([key, { values }]) => [key, hash(asStored(values, reference.base))]),
      );
      expect(Object.keys(hashes).sort()).toEqual(Object.keys(reference.merged).sort());
      const different = Object.keys(hashes).filter((key) => hashes[key] !== reference.merged[key]);
      // PyTorch sums the squares of a row in float32 and in an order of its own: one value of 73,728 rounds otherwise.
      if (usesDora(reference)) expect(different.length).toBeLessThanOrEqual(1);
      else expect(different).toEqual([]);
    });

    it('has the words and scales that numpy gives the merged weights', async () => {
      const merged = await mergeAll(reference, 'peft');
      for (const [settings, expected] of Object.entries(reference.quantised)) {
        const [quantisation, ties] = settings.split(' ') as ['q4f16_1' | 'q4f32_1', 'even' | 'away'];
        // The one value of DoRA above.
        const matrices = [...merged].filter(
          ([key, { values }]) =>
            key in expected && hash(asStored(values, reference.base)) === reference.merged[key],
        );
        expect(matrices.length).toBeGreaterThanOrEqual(
          Object.keys(expected).length - (usesDora(reference) ? 1 : 0),
        );
        for (const [key, { values, columns }] of matrices) {
          const { words, scales } = quantiseRows(values, columns, quantisation, { ties });
          expect([hash(words), hash(scales)], `${settings} ${key}`).toEqual(expected[key]);
        }
      }
    });
  },
);

describe.each(Object.entries(cases))('merge %s', (name, reference) => {
  it("is PEFT's merge of the base in float32, within float32's rounding, in the usual mode", async () => {
    const merged = await mergeAll(reference, 'exact');
    const shown = readTensors(`merged-${name}.safetensors`);
    expect(shown.length).toBeGreaterThan(1);
    for (const { name: key, file, dtype, start, end } of shown) {
      const expected = toFloat32(readFile(file).slice(start, end), dtype);
      const { values } = merged.get(key)!;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      values.forEach((value, i) => {
        if (Math.abs(value - expected[i]!) > largest * 2 ** -22)
          expect.fail(`${key}[${i}] is ${value} and not ${expected[i]}`);
      });
    }
  });
});
