import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseModelConfig, type ModelConfig } from './modelConfig.ts';
import { planParameters } from './parameterMap.ts';
import { planConversion } from './planConversion.ts';
import type { Quantisation } from './quantisation.ts';
import type { TensorInfo } from './tensor.ts';

interface LibraryParameter {
  readonly name: string;
  readonly shape: readonly (number | 'vocab_size')[];
  readonly dtype: string;
}

const folder = fileURLToPath(new URL('../../models/webllm/', import.meta.url));
const readJson = (path: string): unknown => JSON.parse(readFileSync(`${folder}${path}`, 'utf8'));

/** The tensors of the published checkpoint, written down from its architecture and not from our parameter map. */
function baseTensors(config: ModelConfig): readonly TensorInfo[] {
  const { hiddenSize: h, intermediateSize: i, vocabSize: v } = config;
  const [q, kv] = [config.heads * config.headSize, config.keyValueHeads * config.headSize];
  const perLayer: readonly (readonly [string, ...number[]])[] = [
    ['input_layernorm', h],
    ['mlp.down_proj', h, i],
    ['mlp.gate_proj', i, h],
    ['mlp.up_proj', i, h],
    ['post_attention_layernorm', h],
    ['self_attn.k_proj', kv, h],
    ['self_attn.o_proj', h, q],
    ['self_attn.q_proj', q, h],
    ['self_attn.v_proj', kv, h],
  ];
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    perLayer.map(([name, ...shape]) => [`model.layers.${layer}.${name}`, ...shape] as const),
  );
  const all = [['model.embed_tokens', v, h], ...layers.flat(), ['model.norm', h], ['lm_head', v, h]] as const;
  return all.map(([name, ...shape]) => ({
    name: `${name}.weight`,
    file: 'model.safetensors',
    dtype: 'BF16',
    shape,
    start: 0,
    end: 2 * shape.reduce((product, size) => product * size, 1),
  }));
}

function writtenFor(config: ModelConfig, quantisation: Quantisation) {
  const parameters = planParameters(config, baseTensors(config), quantisation);
  const plan = planConversion({
    parameters,
    adapters: [],
    quantisation,
    ties: 'even',
    rounding: 'exact',
  });
  return plan.shards.flatMap(({ tensors }) => tensors);
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

describe.each(['mistral-7b-instruct-v0.3', 'llama-3.1-8b-instruct'])('the library for %s', (model) => {
  const config = parseModelConfig(readJson(`shapes/${model}.json`), 'config.json');

  test.each(['q4f16_1', 'q4f32_1'] as const)('finds every parameter in a converted %s', (quantisation) => {
    const { params } = readJson(`metadata/${model}-${quantisation}.json`) as { params: LibraryParameter[] };
    const wanted = params.map(({ name, shape, dtype }) => ({
      name,
      shape: shape.map((size) => (size === 'vocab_size' ? config.vocabSize : size)),
      dtype,
    }));
    const written = writtenFor(config, quantisation).map(({ name, shape, dtype }) => ({
      name,
      shape,
      dtype,
    }));
    expect(written).toHaveLength(325);
    expect(written.toSorted(byName)).toEqual(wanted.toSorted(byName));
  });
});

test('a converted checkpoint takes 4.5 bits for each weight of a matrix, and 16 for the norms', () => {
  const normBytes = 65 * 4096 * 2;
  for (const [model, weights] of [
    ['mistral-7b-instruct-v0.3', 7_248_023_552],
    ['llama-3.1-8b-instruct', 8_030_261_248],
  ] as const) {
    const config = parseModelConfig(readJson(`shapes/${model}.json`), 'config.json');
    const bytes = writtenFor(config, 'q4f16_1').reduce((sum, { nbytes }) => sum + nbytes, 0);
    expect(bytes).toBe(((weights - normBytes / 2) * 4.5) / 8 + normBytes);
  }
});
