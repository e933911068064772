import { type AdapterConfig, parseAdapterConfig } from './adapterConfig.ts';
import { findPattern, isTarget } from './adapterTargets.ts';
import { CheckpointError } from './checkpointError.ts';
import type { TensorInfo } from './tensor.ts';

/** What an adapter adds to one weight: `scale * B @ A`. */
export interface LowRank {
  /** [rank, in]; of an embedding [rank, vocabulary]. */
  readonly a: TensorInfo;
  /** [out, rank]; of an embedding [hidden, rank]. */
  readonly b: TensorInfo;
  /** The adapter's own strength, alpha / r or alpha / sqrt(r), times the scale asked for. */
  readonly scale: number;
  readonly rank: number;
  /** Whether B @ A is the transpose of what is added, as for an embedding. */
  readonly transposed: boolean;
  /** DoRA: [out], the lengths that the rows of the merged weight have. */
  readonly magnitude: TensorInfo | null;
  readonly embedding: boolean;
}

export interface AdapterPlan {
  /** By name of the base's weight, such as model.layers.0.self_attn.q_proj.weight. */
  readonly deltas: ReadonlyMap<string, LowRank>;
  /** What takes the place of a weight of the base, before anything is added to it. */
  readonly replacements: ReadonlyMap<string, TensorInfo>;
  /** The base that the adapter was trained on, in its own words. */
  readonly baseName: string | null;
  readonly notes: readonly string[];
}

interface Parts {
  a?: TensorInfo;
  b?: TensorInfo;
  magnitude?: TensorInfo;
}

interface Context {
  readonly config: AdapterConfig;
  readonly file: string;
  readonly scale: number;
  readonly base: ReadonlyMap<string, TensorInfo>;
}

const lowRankName = /^(.+)\.(?:lora_([AB])(?:\.default)?\.weight|lora_embedding_([AB])(?:\.default)?)$/;
const magnitudeName = /^(.+)\.lora_magnitude_vector(?:\.default)?(?:\.weight)?$/;
const replacementName = /^(.+?)(?:\.base_layer|\.modules_to_save(?:\.default)?)?\.weight$/;
const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
const isEmbedding = (module: string): boolean => /(^|\.)embed_tokens$/.test(module);

/**
 * Finds for each tensor of a PEFT LoRA adapter its place in the base. Refuses what has none, what does not fit, and
 * what a merge cannot express.
 *
 * @param config The content of adapter_config.json; `file` is its name.
 */
export function planAdapter(
  config: unknown,
  tensors: readonly TensorInfo[],
  base: readonly TensorInfo[],
  { file, scale = 1 }: { readonly file: string; readonly scale?: number },
): AdapterPlan {
  const context: Context = {
    config: parseAdapterConfig(config, file),
    ...{ file, scale },
    base: new Map(base.map((tensor) => [tensor.name, tensor])),
  };
  const modules = new Map<string, Parts>();
  const replacements = new Map<string, TensorInfo>();
  for (const tensor of tensors) {
    if (sortPart(tensor, modules)) continue;
    const name = replacedWeight(tensor, context);
    if (replacements.has(name)) throw new CheckpointError(`${tensor.file} replaces ${name} twice.`);
    replacements.set(name, tensor);
  }
  if (modules.size + replacements.size === 0)
    throw new CheckpointError(`The adapter of ${file} holds no tensors, so there is nothing to merge.`);
  refuseUntargeted(modules, context);
  const deltas = new Map(
    [...modules].map(([module, parts]) => [`${module}.weight`, lowRankOf(module, parts, context)]),
  );
  return {
    ...{ deltas, replacements },
    baseName: context.config.base_model_name_or_path ?? null,
    notes: notesOf(context, replacements),
  };
}

const withoutPrefix = (name: string): string => name.replace(/^base_model\.model\./, '');

/** Puts a factor or a magnitude with the others of its module; false if the tensor is neither. */
function sortPart(tensor: TensorInfo, modules: Map<string, Parts>): boolean {
  const part = readPartName(tensor);
  if (!part) return false;
  const { module, kind } = part;
  const parts = modules.get(module) ?? {};
  if (parts[kind]) throw new CheckpointError(`${tensor.name} is in ${tensor.file} twice, under two names.`);
  parts[kind] = tensor;
  modules.set(module, parts);
  return true;
}

function readPartName(tensor: TensorInfo): { module: string; kind: keyof Parts } | null {
  const name = withoutPrefix(tensor.name);
  const [, magnitudeModule] = magnitudeName.exec(name) ?? [];
  if (magnitudeModule !== undefined) return { module: magnitudeModule, kind: 'magnitude' };
  const [, module, linear, embedding] = lowRankName.exec(name) ?? [];
  if (module === undefined) return null;
  if (isEmbedding(module) !== (embedding !== undefined))
    throw new CheckpointError(
      `${tensor.name} in ${tensor.file} does not fit its module: embeddings have lora_embedding_A and _B, and linear layers lora_A and lora_B.`,
    );
  return { module, kind: (linear ?? embedding) === 'A' ? 'a' : 'b' };
}

/** The name of the base's weight whose place a tensor takes. */
function replacedWeight(tensor: TensorInfo, { config, base, file }: Context): string {
  const module = replacementName.exec(withoutPrefix(tensor.name))?.[1];
  if (module === undefined || !(isOutside(module) || isSaved(module, config)))
    throw new CheckpointError(
      `${tensor.name} in ${tensor.file} is no part of a LoRA adapter, and modules_to_save in ${file} does not list it.`,
    );
  const name = `${module}.weight`;
  const original = base.get(name);
  if (!original) throw foreign(tensor, name);
  if (showShape(original.shape) !== showShape(tensor.shape))
    throw new CheckpointError(
      `${tensor.name} in ${tensor.file} replaces a weight of shape ${showShape(original.shape)} by one of ${showShape(tensor.shape)}. An adapter with another vocabulary cannot be merged; resize the base first.`,
    );
  if (isEmbedding(module) && !base.has('lm_head.weight'))
    throw new CheckpointError(
      `${tensor.name} in ${tensor.file} replaces the embedding, which this base also uses as its output. Merge the adapter in PEFT.`,
    );
  return name;
}

/** PEFT saves these two whole when an adapter targets them or the vocabulary grew. */
const isOutside = (module: string): boolean => /(^|\.)(embed_tokens|lm_head)$/.test(module);

/** Names end anywhere in a module's or its parents': "norm" is also input_layernorm (PEFT 0.21.2, _set_trainable). */
function isSaved(module: string, { modules_to_save: names }: AdapterConfig): boolean {
  const parts = module.split('.');
  const parents = parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  return names?.some((name) => parents.some((parent) => parent.endsWith(name))) ?? false;
}

const foreign = (tensor: TensorInfo, name: string): CheckpointError =>
  new CheckpointError(
    `${tensor.name} in ${tensor.file} belongs to ${name}, which the base does not have. The adapter is for another base.`,
  );

/** Both directions: PEFT would leave out what the config does not name, and start anew what the file lacks. */
function refuseUntargeted(modules: ReadonlyMap<string, Parts>, { config, base, file }: Context): void {
  for (const [module, { a, b, magnitude }] of modules) {
    const tensor = a ?? b ?? magnitude;
    if (tensor && isTarget(config, module, file) === false)
      throw new CheckpointError(
        `${tensor.name} in ${tensor.file} is for a module that ${file} does not target. The two files do not belong together.`,
      );
  }
  for (const { name, shape } of base.values()) {
    const module = name.replace(/\.weight$/, '');
    if (shape.length === 2 && !modules.has(module) && isTarget(config, module, file))
      throw new CheckpointError(
        `${file} targets ${module}, and the adapter has no tensors for it. Save or download the adapter again.`,
      );
  }
}

function lowRankOf(module: string, parts: Parts, context: Context): LowRank {
  const { a, b, weight } = factorsOf(module, parts, context);
  const magnitude = parts.magnitude ?? null;
  const embedding = isEmbedding(module);
  const { rank, strength } = strengthOf(module, context);
  const [rows = 1, columns = 1] = weight.shape;
  const [out, into] = embedding ? [columns, rows] : [rows, columns];
  refuseShape(a, [rank, into], weight);
  refuseShape(b, [out, rank], weight);
  refuseMagnitude(module, magnitude, weight, context);
  return { a, b, scale: strength * context.scale, rank, transposed: embedding, magnitude, embedding };
}

function factorsOf(module: string, { a, b, magnitude }: Parts, { base }: Context) {
  const weight = base.get(`${module}.weight`);
  const some = a ?? b ?? magnitude;
  if (!weight && some) throw foreign(some, `${module}.weight`);
  if (a && b && weight) return { a, b, weight };
  throw new CheckpointError(`The adapter has no ${a ? 'lora_B' : 'lora_A'} for ${module}. Save it again.`);
}

/** Source: PEFT 0.21.2, LoraModel._create_and_replace and LoraLayer.update_layer. */
function strengthOf(module: string, { config, file }: Context): { rank: number; strength: number } {
  const [ranks, alphas] = [config.rank_pattern ?? {}, config.alpha_pattern ?? {}];
  const [rankKey, alphaKey] = [ranks, alphas].map((keys) => findPattern(Object.keys(keys), module, file));
  const rank = (rankKey === undefined ? undefined : ranks[rankKey]) ?? config.r;
  const alpha = (alphaKey === undefined ? undefined : alphas[alphaKey]) ?? config.lora_alpha;
  return { rank, strength: alpha / (config.use_rslora ? Math.sqrt(rank) : rank) };
}

function refuseShape(tensor: TensorInfo, shape: readonly number[], weight: TensorInfo): void {
  if (showShape(tensor.shape) === showShape(shape)) return;
  throw new CheckpointError(
    `${tensor.name} in ${tensor.file} has shape ${showShape(tensor.shape)}; the config's rank and ${weight.name} of ${showShape(weight.shape)} make it ${showShape(shape)}. The adapter is for another base, or its config is another adapter's.`,
  );
}

function refuseMagnitude(
  module: string,
  magnitude: TensorInfo | null,
  weight: TensorInfo,
  { config, file }: Context,
): void {
  if (!config.use_dora && !magnitude) return;
  if (!config.use_dora || !magnitude)
    throw new CheckpointError(
      magnitude
        ? `${magnitude.name} in ${magnitude.file} belongs to DoRA, and ${file} does not say use_dora.`
        : `${file} says use_dora, and the adapter has no magnitudes for ${module}. Save it again.`,
    );
  if (isEmbedding(module))
    throw new CheckpointError(
      `${magnitude.name} in ${magnitude.file} is DoRA on an embedding, which is not supported. Merge the adapter in PEFT.`,
    );
  refuseShape(magnitude, [weight.shape[0] ?? 1], weight);
}

function notesOf({ config, file, scale }: Context, replacements: ReadonlyMap<string, TensorInfo>): string[] {
  const notes: string[] = [];
  if (config.fan_in_fan_out)
    notes.push(
      `${file} says fan_in_fan_out, which PEFT ignores for the linear layers of this model; so do we.`,
    );
  if (scale !== 1 && replacements.size > 0)
    notes.push(
      `The scale does not act on weights that the adapter replaces: ${[...replacements.keys()].join(', ')}.`,
    );
  if (scale !== 1 && config.use_dora)
    notes.push(
      'The scale acts on the direction of the weights (DoRA); their lengths stay those of the adapter.',
    );
  return notes;
}
