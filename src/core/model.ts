import { z } from 'zod';
import { InputError } from './errors.ts';
import { hashOf } from './ids.ts';

const fileSchema = z.strictObject({
  /** Relative to the card's folder. */
  path: z.string().min(1),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const common = {
  /** A position of the dial may follow, as in `mini-persona@0.5`; see dial.ts. */
  id: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]*(@\d+(\.\d+)?)?$/,
      'must be made of small letters, digits, dots and hyphens',
    ),
  name: z.string().min(1),
  /** Who answers, as "Maria"; null for an untouched base model. */
  persona: z.string().nullable(),
  /** The base model's public name, as "SmolLM2-135M-Instruct". */
  base: z.string().min(1),
  /** The voice's colour, a token of styles/tokens.css. */
  voice: z.string().default('base'),
  licence: z.string().nullable(),
  about: z.string().default(''),
};

const transformersSchema = z.strictObject({
  ...common,
  engine: z.literal('transformers'),
  /** Folder below `models/` of the served files. Cards with the same folder share one loaded engine. */
  folder: z.string().min(1),
  /** The graph to run, relative to the folder. */
  graph: z.string().min(1),
  files: z.array(fileSchema).min(1),
  contextTokens: z.int().positive(),
  /** The live adapters of the graph in its input order, and the strength that this card asks for. */
  adapters: z.array(z.strictObject({ id: z.string().min(1), scale: z.number() })).default([]),
});

const openaiSchema = z.strictObject({
  ...common,
  engine: z.literal('openai'),
  /** Up to and without `/chat/completions`, as http://127.0.0.1:8000/v1. */
  baseUrl: z.url({ protocol: /^https?$/ }),
  /** The name the server knows the model (or LoRA module) by. */
  model: z.string().min(1),
  contextTokens: z.int().positive().optional(),
  /** Requests in flight at once. */
  concurrency: z.int().min(1).max(256).default(8),
});

const variantSchema = z.strictObject({
  /** How its weights are stored, and the type that the GPU computes with. */
  quantisation: z.enum(['q4f16_1', 'q4f32_1']),
  /** The folder of its files: an address that ends in a slash. Null: nobody serves it, the user has to say where. */
  folder: z.url({ protocol: /^https?$/ }).nullable(),
  /** The address of the compiled library, or its file name beside the checkpoint's files. */
  library: z.string().min(1),
  /** What the GPU must offer beyond WebGPU's core, as shader-f16. */
  features: z.array(z.string()).default([]),
  /** Of all files, to be fetched and stored. */
  bytes: z.int().positive(),
  /** On the GPU, with a full context. */
  memoryBytes: z.int().positive(),
  /** The largest single buffer on the GPU. */
  bufferBytes: z.int().positive(),
});

const installedSchema = z.strictObject({
  quantisation: variantSchema.shape.quantisation,
  /** SHA-256 over the hashes of all its files: what it is, wherever it came from. */
  sha256: fileSchema.shape.sha256,
  /** Where it came from, and broken files can be fetched again; null for a folder on this device. */
  folder: variantSchema.shape.folder,
});

const webllmSchema = z.strictObject({
  ...common,
  engine: z.literal('webllm'),
  /** The base's id on Hugging Face, for the command that makes the checkpoint. */
  baseRepository: z.string().min(1),
  /** The same model at different precisions, best first; the GPU decides. */
  variants: z.array(variantSchema).min(1),
  contextTokens: z.int().positive(),
  /** Replaces members of the checkpoint's mlc-chat-config.json, so that a base and its personas are asked alike. */
  chatConfig: z.record(z.string(), z.json()).default({}),
  /** The variant that was put on this device; null in the catalogue. */
  installed: installedSchema.nullable().default(null),
});

/** One checkpoint or served model that can answer. */
export const modelCardSchema = z.discriminatedUnion('engine', [
  transformersSchema,
  openaiSchema,
  webllmSchema,
]);
export type ModelCard = z.infer<typeof modelCardSchema>;
export type TransformersCard = z.infer<typeof transformersSchema>;
export type OpenAiCard = z.infer<typeof openaiSchema>;
export type WebLlmCard = z.infer<typeof webllmSchema>;
export type WebLlmVariant = z.infer<typeof variantSchema>;
export type InstalledCheckpoint = z.infer<typeof installedSchema>;

export const catalogueSchema = z.strictObject({ version: z.literal(1), models: z.array(modelCardSchema) });

/** Parses models/catalogue.json. Throws {@link InputError} naming the field. */
export function parseCatalogue(data: unknown): readonly ModelCard[] {
  const result = catalogueSchema.safeParse(data);
  if (!result.success) {
    throw new InputError(`The model catalogue is not valid: ${z.prettifyError(result.error)}`);
  }
  return result.data.models;
}

/** Parses one model's card. Throws {@link InputError} naming the field. */
export function parseModelCard(data: unknown): ModelCard {
  const result = modelCardSchema.safeParse(data);
  if (result.success) return result.data;
  throw new InputError(`This is not a model card: ${z.prettifyError(result.error)}`);
}

/**
 * What determines a model's answers, as a short hash: the weights for local files (every file's SHA-256),
 * the address and name for a served model (whose weights nobody here can see). A checkpoint that is not on this
 * device has no weights yet; its fingerprint changes when it is installed.
 */
export function fingerprintOf(card: ModelCard): string {
  if (card.engine === 'openai')
    return hashOf({ engine: card.engine, baseUrl: card.baseUrl, model: card.model });
  if (card.engine === 'webllm') {
    const { engine, id, installed, contextTokens, chatConfig } = card;
    return hashOf({
      engine,
      ...(installed ? { weights: installed.sha256 } : { id }),
      contextTokens,
      chatConfig,
    });
  }
  const files = card.files.map(({ path, sha256 }) => [path, sha256]).sort();
  return hashOf({ engine: card.engine, graph: card.graph, files, adapters: card.adapters });
}

/** Cards with the same engine key are served by one loaded engine. */
export function engineKeyOf(card: ModelCard): string {
  return card.engine === 'transformers' ? `transformers:${card.folder}/${card.graph}` : fingerprintOf(card);
}
