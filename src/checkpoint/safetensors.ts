import { z } from 'zod';
import { CheckpointError } from './checkpointError.ts';
import { bytesOf, countOf, type FloatType, type TensorInfo } from './tensor.ts';

/** The library's own limit; a larger number means that the file is something else. */
const headerLimit = 100_000_000;

/**
 * Bytes at the start of a safetensors file that hold its header: eight for a length, then JSON.
 * Source: https://huggingface.co/docs/safetensors. `prefix`: the first eight bytes.
 */
export function headerBytes(prefix: Uint8Array, file: string, fileBytes: number): number {
  if (prefix.length < 8) throw notSafetensors(file, 'it has fewer than 8 bytes');
  const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > headerLimit) throw notSafetensors(file, 'its header would be larger than any');
  if (length + 8 > fileBytes) throw cut(file, `its header ends at byte ${length + 8}`, fileBytes);
  return length + 8;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** The tensors of a file in the order of their bytes. `header`: as many bytes as {@link headerBytes} says. */
export function parseSafetensors(header: Uint8Array, file: string, fileBytes: number): readonly TensorInfo[] {
  const data = parseHeader(header, file);
  const tensors = Object.entries(data)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => toTensor(name, entry, { file, dataStart: header.length }));
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = header.length;
  for (const tensor of tensors) {
    if (tensor.start !== end) {
      throw new CheckpointError(
        `${file}: the bytes of ${tensor.name} begin at ${tensor.start} and not where the tensor before it ends, at ${end}. The file is damaged: fetch it again.`,
      );
    }
    end = tensor.end;
  }
  if (end > fileBytes) throw cut(file, `its tensors end at byte ${end}`, fileBytes);
  if (end < fileBytes) {
    throw new CheckpointError(
      `${file} has ${fileBytes - end} bytes after its last tensor. The file is damaged: fetch it again.`,
    );
  }
  return tensors;
}

function parseHeader(header: Uint8Array, file: string): Record<string, unknown> {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header.subarray(8)));
  } catch {
    throw notSafetensors(file, 'its header is not JSON');
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw notSafetensors(file, 'its header is not an object');
  }
  return data as Record<string, unknown>;
}

function toTensor(
  name: string,
  entry: unknown,
  { file, dataStart }: { readonly file: string; readonly dataStart: number },
): TensorInfo {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) throw notSafetensors(file, `the entry of ${name} is not as it should be`);
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  if (!Object.hasOwn(bytesOf, dtype)) {
    throw new CheckpointError(
      `${name} in ${file} has the number format ${dtype}. Weights must be BF16, F16 or F32: use the unquantised checkpoint.`,
    );
  }
  const [start, end] = offsets;
  const bytes = countOf(shape) * bytesOf[dtype as FloatType];
  if (end - start !== bytes) {
    throw new CheckpointError(
      `${name} in ${file} has ${end - start} bytes where its shape [${shape.join(', ')}] needs ${bytes}. The file is damaged: fetch it again.`,
    );
  }
  return { name, file, dtype: dtype as FloatType, shape, start: dataStart + start, end: dataStart + end };
}

const indexSchema = z.object({
  weight_map: z.record(z.string(), z.string().regex(/^[^/\\]+\.safetensors$/)),
});

/** Which file holds which tensor, in the order of the index. `json`: the parsed index file. */
export function parseSafetensorsIndex(json: unknown, file: string): ReadonlyMap<string, string> {
  const parsed = indexSchema.safeParse(json);
  if (parsed.success) return new Map(Object.entries(parsed.data.weight_map));
  throw new CheckpointError(
    `${file} does not say which file holds which tensor: "weight_map" must name .safetensors files beside it. Fetch it again.`,
  );
}

function notSafetensors(file: string, reason: string): CheckpointError {
  return new CheckpointError(`${file} is not a safetensors file: ${reason}. Fetch it again.`);
}

function cut(file: string, need: string, fileBytes: number): CheckpointError {
  return new CheckpointError(`${file} is cut: ${need}, and it has ${fileBytes} bytes. Fetch it again.`);
}
