import { describe, expect, it } from 'vitest';
import type { WebLlmVariant } from '../../core/model.ts';
import { type AdapterFacts, chooseVariant, readAdapter } from './chooseVariant.ts';

const llama: WebLlmVariant[] = (['q4f16_1', 'q4f32_1'] as const).map((quantisation) => ({
  ...{ quantisation, folder: null, library: 'library.wasm', bytes: 4.5e9, memoryBytes: 6e9 },
  ...{ features: quantisation === 'q4f16_1' ? ['shader-f16'] : [], bufferBytes: 262_668_288 },
}));

function adapter(limits: Partial<AdapterFacts['limits']> = {}, features = ['shader-f16']): AdapterFacts {
  const offered = {
    ...{ maxComputeWorkgroupStorageSize: 32768, maxStorageBuffersPerShaderStage: 10 },
    ...{ maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
  };
  return { name: 'test gpu', features: new Set(features), limits: { ...offered, ...limits } };
}

describe('chooseVariant', () => {
  it('prefers half precision, and does without where the GPU has none', () => {
    expect(chooseVariant('Llama', llama, adapter()).quantisation).toBe('q4f16_1');
    expect(chooseVariant('Llama', llama, adapter({}, [])).quantisation).toBe('q4f32_1');
  });

  it.each([
    [
      'small buffers',
      { maxBufferSize: 2 ** 27 },
      /buffer of 251 MiB, and it takes 128 MiB \(maxBufferSize\)/,
    ],
    // web-llm falls back to 128 MiB below a gibibyte, whatever is offered.
    [
      'bindings below a gibibyte',
      { maxStorageBufferBindingSize: 2 ** 29 },
      /takes 128 MiB \(maxStorageBufferB/,
    ],
    [
      'little workgroup memory',
      { maxComputeWorkgroupStorageSize: 16384 },
      /maxComputeWorkgroupStorageSize 32768/,
    ],
    [
      'few bindings',
      { maxStorageBuffersPerShaderStage: 8 },
      /maxStorageBuffersPerShaderStage 10, and it offers 8/,
    ],
  ])('refuses %s by name, and offers the embedded model', (_, limits, sentence) => {
    const choose = () => chooseVariant('Llama', llama, adapter(limits));
    expect(choose).toThrow(/^This GPU \(test gpu\) cannot run Llama: /);
    expect(choose).toThrow(sentence);
    expect(choose).toThrow(/Choose the embedded model/);
  });

  it('takes a model with small buffers on a small GPU', () => {
    const small = llama.map((variant) => ({ ...variant, bufferBytes: 1e8 }));
    const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };
    expect(chooseVariant('Mistral', small, adapter(limits)).quantisation).toBe('q4f16_1');
  });
});

describe('readAdapter', () => {
  it('says that there is no WebGPU, or no GPU', async () => {
    await expect(readAdapter(undefined)).rejects.toThrow(/no WebGPU.*embedded model/);
    await expect(readAdapter({ requestAdapter: async () => null } as never)).rejects.toThrow(/found no GPU/);
  });
});
