import { z } from 'zod';
import { CheckpointError } from './checkpointError.ts';

const ropeSchema = z.looseObject({
  rope_type: z.string().optional(),
  /** The older name. */
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
});

const schema = z.looseObject({
  model_type: z.string(),
  hidden_size: z.int().positive(),
  intermediate_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  num_key_value_heads: z.int().positive().optional(),
  head_dim: z.int().positive().nullish(),
  rms_norm_eps: z.number().positive(),
  vocab_size: z.int().positive(),
  max_position_embeddings: z.int().positive(),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeSchema.nullish(),
  /** Where transformers 5 writes theta and scaling. */
  rope_parameters: ropeSchema.nullish(),
  tie_word_embeddings: z.boolean().optional(),
  sliding_window: z.int().positive().nullish(),
  attention_bias: z.boolean().optional(),
  mlp_bias: z.boolean().optional(),
  hidden_act: z.string().optional(),
  quantization_config: z.unknown().optional(),
});

/** The shape of a model, from its config.json. */
export interface ModelConfig {
  readonly modelType: 'llama' | 'mistral';
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly rmsNormEps: number;
  readonly vocabSize: number;
  readonly contextTokens: number;
  readonly ropeTheta: number;
  /** As config.json has it; null for none. */
  readonly ropeScaling: Readonly<Record<string, unknown>> | null;
  readonly tiedEmbeddings: boolean;
  /** Tokens that a position sees; null for all. */
  readonly slidingWindow: number | null;
}

/** Reads a parsed config.json. Throws {@link CheckpointError} for a model that no library here can run. */
export function parseModelConfig(json: unknown, file: string): ModelConfig {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new CheckpointError(`${file} does not describe a model: ${z.prettifyError(parsed.error)}`);
  }
  const config = parsed.data;
  refuseOthers(config, file);
  return {
    modelType: config.model_type as 'llama' | 'mistral',
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headSize: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    rmsNormEps: config.rms_norm_eps,
    vocabSize: config.vocab_size,
    contextTokens: config.max_position_embeddings,
    ropeTheta: config.rope_theta ?? config.rope_parameters?.rope_theta ?? 10_000,
    ropeScaling: scalingOf(config),
    tiedEmbeddings: config.tie_word_embeddings ?? false,
    slidingWindow: config.model_type === 'mistral' ? (config.sliding_window ?? null) : null,
  };
}

function refuseOthers(config: z.infer<typeof schema>, file: string): void {
  const { model_type: type, hidden_act: activation = 'silu' } = config;
  const refuse = (what: string) => {
    throw new CheckpointError(`${file}: ${what}. Only plain Llama and Mistral models can be converted.`);
  };
  if (type !== 'llama' && type !== 'mistral') refuse(`this is a "${type}" model`);
  if (config.attention_bias || config.mlp_bias)
    refuse('its layers have biases, which the libraries have not');
  if (activation !== 'silu') refuse(`its activation is ${activation}, and the libraries have silu`);
  if (config.quantization_config)
    refuse('its weights are quantised already; take the unquantised checkpoint');
  refuseShape(config, refuse);
}

function refuseShape(config: z.infer<typeof schema>, refuse: (what: string) => void): void {
  const { num_attention_heads: heads, num_key_value_heads: keyHeads = heads, hidden_size: hidden } = config;
  if (heads % keyHeads !== 0) refuse(`its ${heads} heads cannot share ${keyHeads} keys`);
  if (!config.head_dim && hidden % heads !== 0)
    refuse(`its ${hidden} features do not divide into ${heads} heads`);
  const { rope_type: scaling } = scalingOf(config) ?? {};
  // Mistral's libraries know no scaling, and Llama's would run another kind with wrong positions.
  if (scaling !== undefined && (scaling !== 'llama3' || config.model_type !== 'llama'))
    refuse(`it scales positions by ${scaling}, which its library does not`);
}

function scalingOf({ rope_scaling: old, rope_parameters: parameters }: z.infer<typeof schema>) {
  const found = old ?? parameters;
  const type = found?.rope_type ?? found?.type ?? 'default';
  if (!found || type === 'default') return null;
  // Theta has its own field.
  const { rope_theta: _, ...scaling } = found;
  return { ...scaling, rope_type: type };
}
