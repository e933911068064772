import { z } from 'zod';
import { parseJson } from '../../../checkpoint/parseJson.ts';

const factsSchema = z.object({
  quantization: z.string().optional(),
  prefill_chunk_size: z.int().positive(),
  params: z.array(
    z.object({
      name: z.string(),
      /** A row count that any vocabulary may fill is a name. */
      shape: z.array(z.union([z.int(), z.string()])),
      dtype: z.string(),
    }),
  ),
});
export type LibraryFacts = z.infer<typeof factsSchema>;

const marker = new TextEncoder().encode('"prefill_chunk_size"');

/**
 * What a compiled library says of the parameters it takes. web-llm asks the library's function `_metadata`, which
 * needs a GPU and the weights; its answer stands as text in the file, after its length. Null where it is not found.
 */
export function readLibraryFacts(library: Uint8Array<ArrayBuffer>): LibraryFacts | null {
  for (let at = indexOf(library, marker, 0); at >= 0; at = indexOf(library, marker, at + 1)) {
    const facts = readAround(library, at);
    if (facts) return facts;
  }
  return null;
}

/** The keys before the marker take less than this. */
const keysBefore = 4096;

function readAround(library: Uint8Array<ArrayBuffer>, at: number): LibraryFacts | null {
  const view = new DataView(library.buffer, library.byteOffset, library.byteLength);
  for (let start = at; start >= 8 && start > at - keysBefore; start--) {
    if (library[start] !== 0x7b) continue;
    const length = view.getUint32(start - 8, true);
    if (start + length > library.length || start + length < at) continue;
    const parsed = factsSchema.safeParse(parseJson(library.subarray(start, start + length)));
    if (parsed.success) return parsed.data;
  }
  return null;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
