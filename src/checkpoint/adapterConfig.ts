import { z } from 'zod';
import { CheckpointError } from './checkpointError.ts';

const patternSchema = z.record(z.string(), z.number().positive()).nullish();
const namesSchema = z.union([z.string(), z.array(z.string())]).nullish();

const configSchema = z.looseObject({
  peft_type: z.string(),
  r: z.number().positive().default(8),
  lora_alpha: z.number().default(8),
  use_rslora: z.boolean().nullish(),
  use_dora: z.boolean().nullish(),
  fan_in_fan_out: z.boolean().nullish(),
  rank_pattern: patternSchema,
  alpha_pattern: patternSchema,
  target_modules: namesSchema,
  exclude_modules: namesSchema,
  modules_to_save: z.array(z.string()).nullish(),
  layers_to_transform: z.union([z.int(), z.array(z.int())]).nullish(),
  layers_pattern: namesSchema,
  bias: z.string().nullish(),
  init_lora_weights: z.union([z.boolean(), z.string()]).nullish(),
  base_model_name_or_path: z.string().nullish(),
});

/** PEFT's adapter_config.json, as far as it says what the weights mean. */
export type AdapterConfig = z.infer<typeof configSchema>;

/** What matters in training alone, or names things. Checked against PEFT 0.21.2. */
const harmless = new Set([
  ...['task_type', 'auto_mapping', 'peft_version', 'revision', 'inference_mode', 'lora_dropout'],
  ...['megatron_core', 'runtime_config', 'qalora_group_size'],
  // How the weights began; init_lora_weights says whether the base was changed for it.
  ...['loftq_config', 'eva_config', 'corda_config', 'lora_ga_config'],
]);

const refused: Readonly<Record<string, string>> = {
  alora_invocation_tokens: 'it acts from certain words on only (aLoRA), which no merged weight can do',
  arrow_config: 'it chooses between adapters for each token (Arrow), which no merged weight can do',
  ensure_weight_tying: 'it ties the embedding to the output, which is not supported',
  kasa_config: 'it changes the weights of the base (KaSA), which is not supported',
  layer_replication: 'it repeats layers of the base, which the library in the browser does not have',
  lora_bias: 'it adds biases, which the library in the browser does not have',
  megatron_config: 'it was trained on split layers (Megatron), which is not supported',
  monteclora_config: 'it samples its weights (MonteCLoRA), which is not supported',
  target_parameters: 'it adapts parameters of expert layers, which Llama and Mistral do not have',
  trainable_token_indices: 'it replaces rows of the embedding, which is not supported',
  use_bdlora: 'it has block-diagonal factors (BD-LoRA), which are not supported',
  use_qalora: 'it averages inputs in groups (QALoRA), which is not supported',
  velora_config: 'it is a VeLoRA adapter, which is not supported',
};

/** With these the base's weights are changed before training, so the adapter does not fit the base as published. */
const changesBase = /^(pissa|olora|corda|loftq|lora_ga|mica)/i;
const plainStarts: readonly unknown[] = [undefined, null, true, false, 'gaussian', 'eva', 'orthogonal'];

/** Reads adapter_config.json, and refuses by name what would change the weights in ways that a merge cannot follow. */
export function parseAdapterConfig(json: unknown, file: string): AdapterConfig {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success)
    throw new CheckpointError(`${file} is not a PEFT adapter's config: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  if (config.peft_type !== 'LORA')
    throw new CheckpointError(
      `${file} says peft_type ${config.peft_type}; only LORA adapters can be merged.`,
    );
  if ((config.bias ?? 'none') !== 'none')
    throw new CheckpointError(
      `${file} has bias "${config.bias}": it trains biases, which the library in the browser does not have.`,
    );
  refuseStart(config.init_lora_weights, file);
  for (const [field, value] of Object.entries(config)) {
    if (isEmpty(value) || harmless.has(field) || Object.hasOwn(configSchema.shape, field)) continue;
    const reason = Object.hasOwn(refused, field)
      ? refused[field]
      : 'it is not known here, and could change the weights';
    throw new CheckpointError(`${file} sets ${field}: ${reason}. This adapter cannot be merged.`);
  }
  return config;
}

function refuseStart(start: unknown, file: string): void {
  if (plainStarts.includes(start)) return;
  const name = String(start);
  throw new CheckpointError(
    changesBase.test(name)
      ? `${file} has init_lora_weights "${name}", which changes the weights of the base before training, so that the adapter does not fit the base as published. Save it again with PEFT's save_pretrained(path_initial_model_for_weight_conversion=...), which makes a plain adapter of it, or merge it in PEFT.`
      : `${file} has init_lora_weights "${name}", which is not known here and could change the weights of the base.`,
  );
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
