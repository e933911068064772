import { z } from 'zod';
import { cacheName, olderCacheName, receiptName } from './fileNames.ts';
import { parseJson } from './parseJson.ts';
import { type Receipt, type ReceiptTensor, readReceipt } from './receipt.ts';

/** A folder to look into. Errors of reading are thrown, not taken for a finding. */
export interface CheckpointFolder {
  /** Name and size in bytes of all that lies in the folder. */
  readonly files: ReadonlyMap<string, number>;
  readText(name: string): Promise<string>;
  /** Reads the whole file. */
  hash(name: string): Promise<FileHashes>;
}

/** Lower-case hex. */
export interface FileHashes {
  readonly sha256: string;
  readonly md5: string;
}

export interface Verification {
  /** Null where it cannot be read; nothing else was looked at then. */
  readonly receipt: Receipt | null;
  /** Sentences; none when all is well. */
  readonly problems: readonly string[];
}

const tensorSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['uint32', 'float16', 'float32']),
  format: z.enum(['raw', 'f32-to-bf16']),
  nbytes: z.int().nonnegative(),
  byteOffset: z.int().nonnegative(),
});
const shardSchema = z.object({
  dataPath: z.string(),
  nbytes: z.int().nonnegative(),
  md5sum: z.string(),
  records: z.array(tensorSchema),
});
const cacheSchema = z.object({ records: z.array(shardSchema) });
type Shard = z.infer<typeof shardSchema>;
type StoredTensor = z.infer<typeof tensorSchema>;

/** Holds a converted folder against its receipt, every byte, and its parts against each other. */
export async function verifyCheckpoint(
  folder: CheckpointFolder,
  options: { readonly onFile?: (name: string, bytes: number) => void } = {},
): Promise<Verification> {
  if (!folder.files.has(receiptName)) {
    const problem = `There is no ${receiptName}: the folder was not made by otherself convert, or not finished.`;
    return { receipt: null, problems: [problem] };
  }
  const read = readReceipt(await folder.readText(receiptName));
  if ('problem' in read) return { receipt: null, problems: [read.problem] };
  const { receipt } = read;
  const problems = [...checkNames(folder.files, receipt)];
  const hashes = new Map<string, FileHashes>();
  const checks = receipt.files.map(async ({ name, bytes, sha256 }) => {
    const size = folder.files.get(name);
    if (size === undefined) return [];
    if (size !== bytes) return [`${name} has ${size} bytes, and the receipt says ${bytes}.`];
    const found = await folder.hash(name);
    hashes.set(name, found);
    options.onFile?.(name, bytes);
    return found.sha256 === sha256 ? [] : [`${name} was altered: its SHA-256 is not the receipt's.`];
  });
  for (const found of await Promise.all(checks)) problems.push(...found);
  problems.push(...(await checkStructure(folder, receipt, hashes)));
  return { receipt, problems };
}

function* checkNames(files: ReadonlyMap<string, number>, receipt: Receipt): Generator<string> {
  const known = new Set([receiptName, ...receipt.files.map(({ name }) => name)]);
  for (const name of known) if (!files.has(name)) yield `${name} is missing.`;
  for (const name of files.keys()) if (!known.has(name)) yield `${name} is not in the receipt.`;
}

async function checkStructure(
  folder: CheckpointFolder,
  receipt: Receipt,
  hashes: ReadonlyMap<string, FileHashes>,
): Promise<string[]> {
  if (!folder.files.has(cacheName)) return [];
  const parsed = cacheSchema.safeParse(parseJson(await folder.readText(cacheName)));
  if (!parsed.success) return [`${cacheName} is not a list of shards.`];
  const shards = parsed.data.records;
  const [newer, older] = [hashes.get(cacheName), hashes.get(olderCacheName)];
  return [
    ...(newer && older && newer.sha256 !== older.sha256
      ? [`${olderCacheName} differs from ${cacheName}.`]
      : []),
    ...shards.flatMap((shard) => [...checkShard(shard, receipt, hashes.get(shard.dataPath))]),
    ...checkTensors(
      shards.flatMap(({ records }) => records),
      receipt,
    ),
  ];
}

function* checkShard(shard: Shard, receipt: Receipt, hashes: FileHashes | undefined): Generator<string> {
  const { dataPath, nbytes, md5sum, records } = shard;
  const listed = receipt.files.find(({ name }) => name === dataPath);
  if (!listed) {
    yield `${cacheName} names ${dataPath}, which is not in the receipt.`;
    return;
  }
  if (listed.bytes !== nbytes) yield `${cacheName} gives ${dataPath} ${nbytes} bytes, not ${listed.bytes}.`;
  if (hashes && hashes.md5 !== md5sum) yield `${dataPath} has another MD5 than ${cacheName} says.`;
  let end = 0;
  for (const tensor of records) {
    if (tensor.byteOffset !== end) yield `${tensor.name} does not begin where the one before it ends.`;
    end = tensor.byteOffset + tensor.nbytes;
    if (tensor.nbytes !== bytesOf(tensor)) yield `${tensor.name} has a size that does not fit its shape.`;
  }
  if (end !== nbytes) yield `The tensors of ${dataPath} end at byte ${end} of ${nbytes}.`;
}

function bytesOf({ shape, dtype, format }: StoredTensor): number {
  const isHalf = dtype === 'float16' || (dtype === 'float32' && format === 'f32-to-bf16');
  return shape.reduce<number>((product, size) => product * size, isHalf ? 2 : 4);
}

function* checkTensors(stored: readonly StoredTensor[], receipt: Receipt): Generator<string> {
  const found = new Map(stored.map((tensor) => [tensor.name, tensor]));
  if (found.size !== stored.length) yield `${cacheName} names a tensor twice.`;
  const float = receipt.quantisation.includes('f16') ? 'float16' : 'float32';
  const expected = receipt.tensors.flatMap((tensor) => expectedOf(tensor, float));
  for (const { name, shape, dtype } of expected) {
    const tensor = found.get(name);
    found.delete(name);
    if (!tensor) yield `${name} is missing from ${cacheName}.`;
    else if (tensor.dtype !== dtype || tensor.shape.join() !== shape.join())
      yield `${name} is ${tensor.dtype} [${tensor.shape.join(', ')}], not ${dtype} [${shape.join(', ')}].`;
  }
  for (const name of found.keys()) yield `${name} is in ${cacheName} but not in the receipt.`;
}

type Expected = Pick<StoredTensor, 'name' | 'shape' | 'dtype'>;

function expectedOf({ name, shape, quantised }: ReceiptTensor, float: 'float16' | 'float32'): Expected[] {
  if (!quantised) return [{ name, shape, dtype: float }];
  const module = name.replace(/\.weight$/, '');
  const [rows = 0, columns = 0] = shape;
  const groups = Math.ceil(columns / 32);
  return [
    { name: `${module}.q_weight`, shape: [rows, 4 * groups], dtype: 'uint32' },
    { name: `${module}.q_scale`, shape: [rows, groups], dtype: float },
  ];
}
