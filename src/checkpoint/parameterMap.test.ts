import { describe, expect, it } from 'vitest';
import { CheckpointError } from './checkpointError.ts';
import { parseModelConfig } from './modelConfig.ts';
import { planParameters } from './parameterMap.ts';
import type { TensorInfo } from './tensor.ts';

const file = {
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 20,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
};
const parse = (changes: object = {}) => parseModelConfig({ ...file, ...changes }, 'config.json');

const shapes: Readonly<Record<string, readonly number[]>> = {
  'lm_head.weight': [20, 8],
  'model.embed_tokens.weight': [20, 8],
  'model.layers.0.input_layernorm.weight': [8],
  'model.layers.0.mlp.down_proj.weight': [8, 24],
  'model.layers.0.mlp.gate_proj.weight': [24, 8],
  'model.layers.0.mlp.up_proj.weight': [24, 8],
  'model.layers.0.post_attention_layernorm.weight': [8],
  'model.layers.0.self_attn.k_proj.weight': [4, 8],
  'model.layers.0.self_attn.o_proj.weight': [8, 8],
  'model.layers.0.self_attn.q_proj.weight': [8, 8],
  'model.layers.0.self_attn.v_proj.weight': [4, 8],
  'model.norm.weight': [8],
};
const tensorsOf = (changes: Readonly<Record<string, readonly number[] | null>> = {}): readonly TensorInfo[] =>
  Object.entries({ ...shapes, ...changes })
    .filter((entry): entry is [string, readonly number[]] => entry[1] !== null)
    .map(([name, shape]) => ({ name, shape, file: 'm.safetensors', dtype: 'BF16', start: 0, end: 2 }));

describe('planParameters', () => {
  it('stacks what the library has in one, in the order of arrival', () => {
    const plans = planParameters(parse(), tensorsOf(), 'q4f16_1');
    expect(
      plans.map(({ name, shape, sources, quantised }) => [
        name.replace('model.layers.0.', ''),
        shape,
        sources.map((source) => source.name.replace(/^.*\.(\w+)\.weight$/, '$1')),
        quantised,
      ]),
    ).toEqual([
      ['lm_head.weight', [20, 8], ['lm_head.weight'], true],
      ['model.embed_tokens.weight', [20, 8], ['embed_tokens'], true],
      ['input_layernorm.weight', [8], ['input_layernorm'], false],
      ['mlp.down_proj.weight', [8, 24], ['down_proj'], true],
      ['mlp.gate_up_proj.weight', [48, 8], ['gate_proj', 'up_proj'], true],
      ['post_attention_layernorm.weight', [8], ['post_attention_layernorm'], false],
      ['self_attn.qkv_proj.weight', [16, 8], ['q_proj', 'k_proj', 'v_proj'], true],
      ['self_attn.o_proj.weight', [8, 8], ['o_proj'], true],
      ['model.norm.weight', [8], ['norm'], false],
    ]);
    expect(planParameters(parse(), tensorsOf(), 'q0f16').some(({ quantised }) => quantised)).toBe(false);
  });

  it('leaves the head out of a tied Llama, and gives a tied Mistral its embedding twice', () => {
    const tied = tensorsOf({ 'lm_head.weight': null });
    const tie = { tie_word_embeddings: true };
    const names = (plans: ReturnType<typeof planParameters>) => plans.map(({ name }) => name);
    expect(names(planParameters(parse(tie), tied, 'q4f16_1'))).not.toContain('lm_head.weight');
    const mistral = planParameters(parse({ ...tie, model_type: 'mistral' }), tied, 'q4f16_1');
    const head = mistral.find(({ name }) => name === 'lm_head.weight');
    expect(head?.sources.map(({ name }) => name)).toEqual(['model.embed_tokens.weight']);
    expect(() => planParameters(parse(tie), tensorsOf(), 'q4f16_1')).toThrow(
      /lm_head\.weight.*tie_word_embeddings/,
    );
  });

  it('leaves out rotary tables', () => {
    const old = tensorsOf({ 'model.layers.0.self_attn.rotary_emb.inv_freq': [4] });
    expect(planParameters(parse(), old, 'q4f16_1')).toHaveLength(9);
  });

  it.each<[string, Readonly<Record<string, readonly number[] | null>>, RegExp]>([
    [
      'a missing tensor',
      { 'model.layers.0.mlp.up_proj.weight': null },
      /no tensor model\.layers\.0\.mlp\.up_proj/,
    ],
    [
      'a shape of another model',
      { 'model.norm.weight': [16] },
      /model\.norm\.weight in m\.safetensors.*\[16\].*\[8\]/,
    ],
    ['another layer', { 'model.layers.1.mlp.up_proj.weight': [24, 8] }, /layers\.1\.mlp\.up_proj.*no place/],
    ['biases', { 'model.layers.0.self_attn.q_proj.bias': [8] }, /q_proj\.bias in m\.safetensors/],
  ])('refuses %s', (_, changes, message) => {
    expect(() => planParameters(parse(), tensorsOf(changes), 'q4f16_1')).toThrow(CheckpointError);
    expect(() => planParameters(parse(), tensorsOf(changes), 'q4f16_1')).toThrow(message);
  });
});

describe('parseModelConfig', () => {
  it('reads both places of rope settings', () => {
    const llama3 = { rope_type: 'llama3', factor: 8, low_freq_factor: 1 };
    expect(parse({ rope_scaling: llama3 })).toMatchObject({ ropeTheta: 500_000, ropeScaling: llama3 });
    const { rope_theta: _, ...rest } = file;
    const newer = { ...rest, rope_parameters: { ...llama3, rope_theta: 1_000_000 } };
    expect(parseModelConfig(newer, 'config.json')).toMatchObject({
      ropeTheta: 1_000_000,
      ropeScaling: llama3,
    });
    const plain = { ...rest, rope_parameters: { rope_type: 'default', rope_theta: 10 } };
    expect(parseModelConfig(plain, 'config.json')).toMatchObject({ ropeTheta: 10, ropeScaling: null });
  });

  it.each<[string, object, RegExp]>([
    ['another kind of model', { model_type: 'qwen2' }, /qwen2/],
    ['biases', { attention_bias: true }, /biases/],
    ['another activation', { hidden_act: 'gelu' }, /gelu/],
    ['a quantised copy', { quantization_config: { bits: 4 } }, /quantised already/],
    ['other scaling of positions', { rope_scaling: { type: 'dynamic', factor: 2 } }, /dynamic/],
    ['scaling for Mistral', { model_type: 'mistral', rope_scaling: { rope_type: 'llama3' } }, /llama3/],
    ['heads that do not divide', { num_key_value_heads: 3 }, /4 heads/],
    ['no size', { hidden_size: undefined }, /hidden_size/],
  ])('refuses %s', (_, changes, message) => {
    expect(() => parse(changes)).toThrow(CheckpointError);
    expect(() => parse(changes)).toThrow(message);
    expect(() => parse(changes)).toThrow('config.json');
  });
});
