import { z } from 'zod';
import { openChatTemplate, stopIds, type ModelFiles } from './chatTemplate.ts';
import { detectConversation, type Conversation } from './conversation.ts';
import type { ModelConfig } from './modelConfig.ts';
import type { Quantisation } from './quantisation.ts';
import { readTokenizerFacts } from './tokenizerInfo.ts';

export interface ChatConfigOptions {
  readonly quantisation: Quantisation;
  /** Names of the tokenizer's files in the folder, in mlc-llm's order. */
  readonly tokenizerFiles: readonly string[];
  /** Tokens of a conversation. web-llm allocates the cache for all of them when it loads the model. */
  readonly contextTokens?: number;
}

export interface ChatConfig {
  /** For mlc-chat-config.json, with its fields in mlc-llm's order. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly conversation: Conversation;
}

/** As web-llm's own list of models has it: 0.5 GiB of cache for an 8B model, where its 131072 tokens need 16. */
const usualContextTokens = 4096;

const sampling = {
  temperature: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  repetition_penalty: 1,
  top_p: 1,
};
const tokens = { pad_token_id: 0, bos_token_id: 1, eos_token_id: 2 };

/**
 * Makes mlc-chat-config.json as `mlc_llm gen_config --context-window-size` does, with a conversation template made
 * from the model's own, and a last field for this app. Errors: {@link CheckpointError}.
 */
export function buildChatConfig(
  model: ModelConfig,
  files: ModelFiles,
  options: ChatConfigOptions,
): ChatConfig {
  const { info, tokens: activeTokens } = readTokenizerFacts(files.tokenizer);
  const conversation = detectConversation(openChatTemplate(files), stopIds(files));
  const window = contextOf(model, options);
  const isMistral = model.modelType === 'mistral';
  const chunk = Math.min(window, 8192);
  const json = {
    version: '0.1.0',
    model_type: model.modelType,
    quantization: options.quantisation,
    model_config: isMistral ? mistralConfig(model, window, chunk) : llamaConfig(model, window, chunk),
    vocab_size: model.vocabSize,
    context_window_size: window,
    // A window of attention that is no shorter than the context changes nothing.
    sliding_window_size: -1,
    prefill_chunk_size: chunk,
    attention_sink_size: isMistral ? 4 : -1,
    tensor_parallel_shards: 1,
    pipeline_parallel_stages: 1,
    active_vocab_size: activeTokens,
    ...valuesOf(sampling, files),
    tokenizer_files: options.tokenizerFiles,
    tokenizer_info: info,
    conv_template: conversation.template,
    ...valuesOf(tokens, files),
    model_task: 'chat',
    embedding_metadata: null,
    otherself: {
      messages: conversation.rules,
      facts: conversation.facts,
      differences: conversation.differences,
    },
  };
  return { json, conversation };
}

function contextOf({ contextTokens, slidingWindow }: ModelConfig, options: ChatConfigOptions): number {
  return Math.min(options.contextTokens ?? usualContextTokens, contextTokens, slidingWindow ?? Infinity);
}

function shapeOf(model: ModelConfig) {
  return {
    hidden_size: model.hiddenSize,
    intermediate_size: model.intermediateSize,
    num_attention_heads: model.heads,
    num_hidden_layers: model.layers,
    rms_norm_eps: model.rmsNormEps,
    vocab_size: model.vocabSize,
  };
}

function llamaConfig(model: ModelConfig, window: number, chunk: number) {
  return {
    ...shapeOf(model),
    tie_word_embeddings: model.tiedEmbeddings,
    position_embedding_base: model.ropeTheta,
    rope_scaling: model.ropeScaling,
    context_window_size: window,
    prefill_chunk_size: chunk,
    num_key_value_heads: model.keyValueHeads,
    head_dim: model.headSize,
    tensor_parallel_shards: 1,
    pipeline_parallel_stages: 1,
    max_batch_size: 128,
    disaggregation: false,
  };
}

function mistralConfig(model: ModelConfig, window: number, chunk: number) {
  return {
    ...shapeOf(model),
    position_embedding_base: model.ropeTheta,
    num_key_value_heads: model.keyValueHeads,
    head_dim: model.headSize,
    context_window_size: window,
    sliding_window_size: -1,
    prefill_chunk_size: chunk,
    attention_sink_size: 4,
    tensor_parallel_shards: 1,
    max_batch_size: 128,
  };
}

/** generation_config.json before config.json before the defaults; a null there counts as missing. */
function valuesOf(defaults: Readonly<Record<string, number>>, { generationConfig, config }: ModelFiles) {
  const schema = z.record(z.string(), z.unknown()).catch({});
  const [first, second] = [schema.parse(generationConfig), schema.parse(config)];
  return Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, first[key] ?? second[key] ?? value]),
  );
}
