import { CheckpointError } from './checkpointError.ts';
import type { ModelConfig } from './modelConfig.ts';
import { isGrouped, type Quantisation } from './quantisation.ts';
import type { TensorInfo } from './tensor.ts';

/** A parameter of the model library, and the tensors of the checkpoint that it is made of. */
export interface ParameterPlan {
  /** As `model.layers.0.self_attn.qkv_proj.weight`. */
  readonly name: string;
  readonly shape: readonly [number, ...number[]];
  /** Stacked on axis 0. */
  readonly sources: readonly TensorInfo[];
  readonly quantised: boolean;
}

interface Expected {
  readonly name: string;
  /** Names and shapes of the checkpoint's tensors. */
  readonly sources: readonly (readonly [string, readonly [number, ...number[]]])[];
}

/** A buffer that old checkpoints hold; the libraries compute it. */
const computed = /\.rotary_emb\.inv_freq$/;

/**
 * The library's parameters in the order in which the checkpoint holds what they are made of (mlc-llm's
 * llama_loader.py and mistral_loader.py). `tensors`: all of the base, in their order.
 * Throws {@link CheckpointError} for a tensor that is missing, surplus or of another shape.
 */
export function planParameters(
  config: ModelConfig,
  tensors: readonly TensorInfo[],
  quantisation: Quantisation,
): readonly ParameterPlan[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const order = new Map(tensors.map(({ name }, index) => [name, index]));
  const expected = expectedParameters(config, byName);
  const plans = expected.map(({ name, sources }) => {
    const found = sources.map(([source, shape]) => checked(byName.get(source), source, shape));
    const rows = sources.reduce((sum, [, shape]) => sum + shape[0], 0);
    const [, ...rest] = sources[0]?.[1] ?? [0];
    const shape = [rows, ...rest] as const;
    return { name, shape, sources: found, quantised: shape.length === 2 && isGrouped(quantisation) };
  });
  refuseSurplus(tensors, plans);
  const first = (plan: ParameterPlan) =>
    Math.min(...plan.sources.map(({ name }) => order.get(name) ?? Infinity));
  return plans.sort((a, b) => first(a) - first(b));
}

function expectedParameters(
  config: ModelConfig,
  found: ReadonlyMap<string, TensorInfo>,
): readonly Expected[] {
  const { hiddenSize: hidden, intermediateSize: inner, vocabSize, heads, keyValueHeads, headSize } = config;
  const single = (name: string, ...shape: [number, ...number[]]): Expected => ({
    name,
    sources: [[name, shape]],
  });
  const layers = Array.from({ length: config.layers }, (_, layer): readonly Expected[] => {
    const at = `model.layers.${layer}`;
    const attention = (part: string) => `${at}.self_attn.${part}_proj.weight`;
    const mlp = (part: string) => `${at}.mlp.${part}_proj.weight`;
    return [
      {
        name: attention('qkv'),
        sources: [
          [attention('q'), [heads * headSize, hidden]],
          [attention('k'), [keyValueHeads * headSize, hidden]],
          [attention('v'), [keyValueHeads * headSize, hidden]],
        ],
      },
      single(attention('o'), hidden, heads * headSize),
      {
        name: mlp('gate_up'),
        sources: [
          [mlp('gate'), [inner, hidden]],
          [mlp('up'), [inner, hidden]],
        ],
      },
      single(mlp('down'), hidden, inner),
      single(`${at}.input_layernorm.weight`, hidden),
      single(`${at}.post_attention_layernorm.weight`, hidden),
    ];
  });
  return [
    single('model.embed_tokens.weight', vocabSize, hidden),
    ...layers.flat(),
    single('model.norm.weight', hidden),
    ...headOf(config, found),
  ];
}

/** Llama libraries read the embedding of a tied model twice; Mistral's always want a head of its own. */
function headOf(
  { modelType, tiedEmbeddings, vocabSize, hiddenSize }: ModelConfig,
  found: ReadonlyMap<string, TensorInfo>,
): readonly Expected[] {
  const name = 'lm_head.weight';
  const shape = [vocabSize, hiddenSize] as const;
  if (!tiedEmbeddings) return [{ name, sources: [[name, shape]] }];
  if (modelType === 'llama') return [];
  return [{ name, sources: [[found.has(name) ? name : 'model.embed_tokens.weight', shape]] }];
}

function checked(tensor: TensorInfo | undefined, name: string, shape: readonly number[]): TensorInfo {
  if (!tensor) {
    throw new CheckpointError(
      `The base has no tensor ${name}. Its folder is incomplete, or config.json belongs to another model.`,
    );
  }
  if (String(tensor.shape) === String(shape)) return tensor;
  throw new CheckpointError(
    `${name} in ${tensor.file} has the shape [${tensor.shape.join(', ')}], and config.json asks for [${shape.join(', ')}]. Take both from the same model.`,
  );
}

function refuseSurplus(tensors: readonly TensorInfo[], plans: readonly ParameterPlan[]): void {
  const used = new Set(plans.flatMap(({ sources }) => sources.map(({ name }) => name)));
  const surplus = tensors.find(({ name }) => !used.has(name) && !computed.test(name));
  if (!surplus) return;
  throw new CheckpointError(
    surplus.name === 'lm_head.weight'
      ? `${surplus.name} is in ${surplus.file}, and config.json says that the embedding is used in its place (tie_word_embeddings). Set that to false there, so that both are converted.`
      : `${surplus.name} in ${surplus.file} has no place in this model. Is it another architecture, or an adapter in place of a base?`,
  );
}
