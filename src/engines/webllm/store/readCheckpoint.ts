import { z } from 'zod';
import { parseJson } from '../../../checkpoint/parseJson.ts';
import { ModelFileError } from '../../../core/errors.ts';
import type { WebLlmVariant } from '../../../core/model.ts';
import { checkParameters } from './checkParameters.ts';
import type { CheckpointSource, ReadOptions } from './checkpointSource.ts';
import { sha256Of } from '../../fileHashes.ts';
import { type LibraryFacts, readLibraryFacts } from './libraryFacts.ts';
import { cacheName, configName, receiptName } from '../../../checkpoint/fileNames.ts';
import { libraryName, type Manifest } from './manifest.ts';

/** No folders: a name with a slash could point anywhere. */
const nameSchema = z.string().regex(/^[\w][\w.-]*$/);

const shardSchema = z.object({
  dataPath: nameSchema,
  nbytes: z.int().positive(),
  md5sum: z.string().regex(/^[0-9a-f]{32}$/),
  records: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int()),
      dtype: z.string(),
      nbytes: z.int().nonnegative(),
      byteOffset: z.int().nonnegative(),
    }),
  ),
});
const cacheSchema = z.object({ records: z.array(shardSchema).min(1) });
const configSchema = z.object({
  quantization: z.enum(['q4f16_1', 'q4f32_1']),
  vocab_size: z.int().positive(),
  tokenizer_files: z.array(z.string()),
});
const receiptSchema = z.object({
  files: z.array(z.object({ name: nameSchema, bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

export type Shards = z.infer<typeof cacheSchema>['records'];
type Bytes = Uint8Array<ArrayBuffer>;

/** A checkpoint as its small files describe it; the shards are still to come. */
export interface DescribedCheckpoint {
  readonly manifest: Manifest;
  /** The small files, by path. */
  readonly files: ReadonlyMap<string, Bytes>;
}

/** Gives the library of a quantisation; its bytes, or the sentence that it cannot be had, as an error. */
export type FindLibrary = (quantisation: WebLlmVariant['quantisation']) => Promise<Bytes>;

/**
 * Reads what says what a checkpoint is, and holds its parts against each other and against the library, so that one
 * that cannot run is refused before its gigabytes are fetched. Errors: {@link ModelFileError}.
 */
export async function readCheckpoint(
  source: CheckpointSource,
  findLibrary: FindLibrary,
  options: ReadOptions = {},
): Promise<DescribedCheckpoint> {
  const files = new Map<string, Bytes>();
  const need = async (path: string) =>
    files.set(path, await readOrRefuse(source, path, options)).get(path) as Bytes;
  const shards = parse(cacheSchema, await need(cacheName), cacheName).records;
  const config = parse(configSchema, await need(configName), configName);
  const tokenizer = ['tokenizer.json', 'tokenizer.model'].find((name) =>
    config.tokenizer_files.includes(name),
  );
  if (!tokenizer)
    throw new ModelFileError(`${configName} names no tokenizer that can be read here. ${advice}`);
  await need(tokenizer);
  const hashes = await readReceipt(source, files, options);
  for (const name of hashes.keys()) if (!isShard(shards, name) && !files.has(name)) await need(name);
  const library = await findLibrary(config.quantization);
  const facts = factsOf(library, config.quantization);
  if (facts) checkParameters(facts, shards, config.vocab_size);
  files.set(libraryName, library);
  const small = [...files].map(async ([path, bytes]) => ({
    ...{ path, bytes: bytes.length, md5: null },
    sha256: await checkedHash(path, bytes, hashes.get(path)),
  }));
  const large = shards.map(({ dataPath, nbytes, md5sum }) => {
    return { path: dataPath, bytes: nbytes, sha256: hashes.get(dataPath) ?? null, md5: md5sum };
  });
  const manifest = {
    version: 1 as const,
    quantisation: config.quantization,
    files: [...(await Promise.all(small)), ...large],
  };
  return { manifest, files };
}

const advice = 'Convert the checkpoint anew with otherself convert, or get it from where it was published.';

async function readOrRefuse(source: CheckpointSource, path: string, options: ReadOptions): Promise<Bytes> {
  const bytes = await source.read(path, options);
  if (bytes) return bytes;
  throw new ModelFileError(
    `There is no ${path} in ${source.name}. Give the folder of a checkpoint for web-llm, as otherself convert writes it.`,
  );
}

/** SHA-256 of the files that the converter's receipt lists; none for checkpoints that others made. */
async function readReceipt(
  source: CheckpointSource,
  files: Map<string, Bytes>,
  options: ReadOptions,
): Promise<ReadonlyMap<string, string>> {
  // A server may well answer with a page of its own where there is no such file.
  const bytes = await source.read(receiptName, options).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    if (error instanceof ModelFileError) return null;
    throw error;
  });
  if (!bytes) return new Map();
  files.set(receiptName, bytes);
  const { files: listed } = parse(receiptSchema, bytes, receiptName);
  return new Map(listed.map(({ name, sha256 }) => [name, sha256]));
}

async function checkedHash(path: string, bytes: Bytes, wanted: string | undefined): Promise<string> {
  const sha256 = await sha256Of(bytes);
  if (wanted === undefined || wanted === sha256) return sha256;
  throw new ModelFileError(`${path} was cut or altered: it does not fit ${receiptName}. ${advice}`);
}

function factsOf(library: Bytes, quantisation: string): LibraryFacts | null {
  if (library[0] !== 0 || library[1] !== 0x61 || library[2] !== 0x73 || library[3] !== 0x6d) {
    throw new ModelFileError(
      'The model library is not WebAssembly. Check its address, or get the file again.',
    );
  }
  const facts = readLibraryFacts(library);
  if (facts?.quantization === undefined || facts.quantization === quantisation) return facts;
  throw new ModelFileError(
    `The model library was compiled for ${facts.quantization}, and the checkpoint is ${quantisation}. ` +
      'Use the library of the same quantisation.',
  );
}

function parse<T>(schema: z.ZodType<T>, bytes: Bytes, path: string): T {
  const parsed = schema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.');
  const where = field ? `its field ${field} is not as web-llm needs it` : 'it is not JSON';
  throw new ModelFileError(`${path} cannot be used: ${where}. ${advice}`);
}

function isShard(shards: Shards, path: string): boolean {
  return shards.some(({ dataPath }) => dataPath === path);
}
