import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildChatConfig } from './chatConfig.ts';
import type { ModelFiles } from './chatTemplate.ts';
import { CheckpointError } from './checkpointError.ts';
import { parseModelConfig } from './modelConfig.ts';
import { readTokenizerFacts } from './tokenizerInfo.ts';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../models/webllm/${path}`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;

function build(
  shape: string,
  tokenizer: string,
  changes: { config?: object; files?: Partial<ModelFiles> } = {},
) {
  const config = { ...read(`shapes/${shape}.json`), ...changes.config };
  const folder = `reference/conversations/${tokenizer}`;
  const files: ModelFiles = {
    config,
    generationConfig: null,
    tokenizer: read(`${folder}/tokenizer.json`),
    tokenizerConfig: read(`${folder}/tokenizer_config.json`),
    chatTemplate: null,
    ...changes.files,
  };
  return buildChatConfig(parseModelConfig(config, 'config.json'), files, {
    quantisation: 'q4f16_1',
    tokenizerFiles: ['tokenizer.json', 'tokenizer_config.json'],
  });
}

const llama = 'llama-3.1-8b-instruct';
const mistral = 'mistral-7b-instruct-v0.3';

describe('fields in the order and with the values of mlc_llm gen_config', () => {
  test('Llama 3.1', () => {
    const generationConfig = { bos_token_id: 128000, temperature: 0.6, top_p: 0.9, do_sample: true };
    const { json, conversation } = build(llama, 'llama-3.1', { files: { generationConfig } });
    const { conv_template: template, otherself, ...rest } = json;
    expect(JSON.stringify(rest)).toBe(
      JSON.stringify({
        version: '0.1.0',
        model_type: 'llama',
        quantization: 'q4f16_1',
        model_config: {
          hidden_size: 4096,
          intermediate_size: 14336,
          num_attention_heads: 32,
          num_hidden_layers: 32,
          rms_norm_eps: 1e-5,
          vocab_size: 128256,
          tie_word_embeddings: false,
          position_embedding_base: 500000,
          rope_scaling: {
            rope_type: 'llama3',
            factor: 8,
            low_freq_factor: 1,
            high_freq_factor: 4,
            original_max_position_embeddings: 8192,
          },
          context_window_size: 4096,
          prefill_chunk_size: 4096,
          num_key_value_heads: 8,
          head_dim: 128,
          tensor_parallel_shards: 1,
          pipeline_parallel_stages: 1,
          max_batch_size: 128,
          disaggregation: false,
        },
        vocab_size: 128256,
        context_window_size: 4096,
        sliding_window_size: -1,
        prefill_chunk_size: 4096,
        attention_sink_size: -1,
        tensor_parallel_shards: 1,
        pipeline_parallel_stages: 1,
        active_vocab_size: 482,
        temperature: 0.6,
        presence_penalty: 0,
        frequency_penalty: 0,
        repetition_penalty: 1,
        top_p: 0.9,
        tokenizer_files: ['tokenizer.json', 'tokenizer_config.json'],
        tokenizer_info: {
          token_postproc_method: 'byte_level',
          prepend_space_in_encode: false,
          strip_space_in_decode: false,
        },
        pad_token_id: 0,
        bos_token_id: 128000,
        // Of config.json, since generation_config.json has none here.
        eos_token_id: [128001, 128008, 128009],
        model_task: 'chat',
        embedding_metadata: null,
      }),
    );
    expect(Object.keys(json).slice(18, 21)).toEqual(['tokenizer_info', 'conv_template', 'pad_token_id']);
    expect(template).toBe(conversation.template);
    expect(conversation.template.stop_token_ids).toEqual([128001, 128008, 128009, 481]);
    expect(otherself).toMatchObject({ messages: conversation.rules, differences: [] });
  });

  test('Mistral 7B v0.3', () => {
    const { json } = build(mistral, 'mistral-v0.3-prepend');
    expect(JSON.stringify(json.model_config)).toBe(
      JSON.stringify({
        hidden_size: 4096,
        intermediate_size: 14336,
        num_attention_heads: 32,
        num_hidden_layers: 32,
        rms_norm_eps: 1e-5,
        vocab_size: 32768,
        position_embedding_base: 1000000,
        num_key_value_heads: 8,
        head_dim: 128,
        context_window_size: 4096,
        sliding_window_size: -1,
        prefill_chunk_size: 4096,
        attention_sink_size: 4,
        tensor_parallel_shards: 1,
        max_batch_size: 128,
      }),
    );
    expect(json).toMatchObject({
      attention_sink_size: 4,
      temperature: 1,
      top_p: 1,
      bos_token_id: 1,
      eos_token_id: 2,
      tokenizer_info: {
        token_postproc_method: 'byte_fallback',
        prepend_space_in_encode: true,
        strip_space_in_decode: true,
      },
    });
  });
});

/** Their ids in Llama 3.1's own tokenizer; in Mistral's they are as in ours. */
const llamaIds: Record<string, number> = {
  '<|begin_of_text|>': 128000,
  '<|end_of_text|>': 128001,
  '<|start_header_id|>': 128006,
  '<|end_header_id|>': 128007,
  '<|eom_id|>': 128008,
  '<|eot_id|>': 128009,
};

test.each([
  [llama, 'llama-3.1'],
  [mistral, 'mistral-v0.3-prepend'],
])(
  'the template for the published checkpoint of %s is the one that a conversion writes',
  (shape, tokenizer) => {
    const json = read(`reference/conversations/${tokenizer}/tokenizer.json`);
    const added = json.added_tokens as { content: string; id: number }[];
    const renumbered = added.map((token) => ({ ...token, id: llamaIds[token.content] ?? token.id }));
    const { conversation } = build(shape, tokenizer, {
      files: { tokenizer: { ...json, added_tokens: renumbered } },
    });
    const { template, rules, facts, differences } = conversation;
    expect(read('reference/conv_templates.json')[shape]).toEqual({
      conv_template: template,
      messages: rules,
      facts,
      differences,
    });
  },
);

describe('context', () => {
  test('is never longer than the model, nor than the window of its attention', () => {
    expect(build(llama, 'llama-3.1', { config: { max_position_embeddings: 512 } }).json).toMatchObject({
      context_window_size: 512,
      prefill_chunk_size: 512,
    });
    expect(build(mistral, 'mistral-v0.3-prepend', { config: { sliding_window: 1024 } }).json).toMatchObject({
      context_window_size: 1024,
      sliding_window_size: -1,
    });
  });
});

describe('positions', () => {
  test('are read from where transformers 5 writes them', () => {
    const changes = {
      rope_theta: undefined,
      rope_scaling: undefined,
      rope_parameters: { rope_type: 'llama3', factor: 4, rope_theta: 250000 },
    };
    expect(build(llama, 'llama-3.1', { config: changes }).json.model_config).toMatchObject({
      position_embedding_base: 250000,
      rope_scaling: { rope_type: 'llama3', factor: 4 },
    });
  });

  test('that are scaled otherwise are refused', () => {
    const yarn = { config: { rope_scaling: { rope_type: 'yarn', factor: 2 } } };
    expect(() => build(llama, 'llama-3.1', yarn)).toThrow(CheckpointError);
    expect(() => build(llama, 'llama-3.1', yarn)).toThrow(
      'config.json: it scales positions by yarn, which its library does not.',
    );
    expect(() => build(mistral, 'mistral-v0.3-prepend', yarn)).toThrow(
      'config.json: it scales positions by yarn, which its library does not.',
    );
  });
});

describe('tokenizer.json', () => {
  const model = { vocab: { a: 0, b: 1 } };

  test('tells how tokens become text', () => {
    const info = (json: object) => readTokenizerFacts({ model, ...json }).info;
    const sequence = (...decoders: object[]) => ({ decoder: { type: 'Sequence', decoders } });
    expect(info({ decoder: { type: 'ByteLevel' } }).token_postproc_method).toBe('byte_level');
    expect(info(sequence({ type: 'ByteLevel' }, { type: 'ByteFallback' })).token_postproc_method).toBe(
      'byte_fallback',
    );
    expect(info({ decoder: null }).token_postproc_method).toBe('byte_fallback');
    const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
    expect(info(sequence(strip)).strip_space_in_decode).toBe(true);
    expect(info(sequence({ ...strip, start: 0 })).strip_space_in_decode).toBe(false);
    expect(info({ normalizer: { type: 'Prepend', prepend: '\u2581' } }).prepend_space_in_encode).toBe(true);
    expect(info({ normalizer: { type: 'Prepend', prepend: '_' } }).prepend_space_in_encode).toBe(false);
  });

  test('counts each token once', () => {
    expect(readTokenizerFacts({ model, added_tokens: [{ content: 'a' }, { content: 'c' }] }).tokens).toBe(3);
    expect(
      readTokenizerFacts({
        model: {
          vocab: [
            ['a', -1],
            ['b', -2],
          ],
        },
      }).tokens,
    ).toBe(2);
  });

  test('is refused with the same added token twice, broken, or missing', () => {
    const added_tokens = [{ content: '<x>' }, { content: '<x>' }];
    expect(() => readTokenizerFacts({ model, added_tokens })).toThrow('adds the token <x> twice');
    expect(() => readTokenizerFacts({ model: 3 })).toThrow('tokenizer.json cannot be read');
    expect(() => readTokenizerFacts(null)).toThrow('The model has no tokenizer.json.');
  });
});

test('a model without a chat template says so', () => {
  const { json } = build(mistral, 'mistral-v0.3-prepend', { files: { tokenizerConfig: null } });
  expect(json.otherself).toMatchObject({
    differences: ['The model has no chat template: it gets the bare texts.'],
  });
});
