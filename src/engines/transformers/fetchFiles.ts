import { ModelFileError } from '../../core/errors.ts';
import type { TransformersCard } from '../../core/model.ts';
import type { LoadProgress } from '../../core/ports/engine.ts';
import { sha256Of } from '../fileHashes.ts';

type CardFile = TransformersCard['files'][number];

interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Bytes of every file by its path, each compared with the catalogue. Errors: {@link ModelFileError}. */
export async function fetchFiles(
  baseUrl: string,
  files: readonly CardFile[],
  { signal, onProgress }: FetchOptions = {},
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const loaded = new Map<string, number>();
  const report = (file: CardFile, bytes: number) => {
    loaded.set(file.path, Math.min(bytes, file.bytes));
    const loadedBytes = [...loaded.values()].reduce((sum, value) => sum + value, 0);
    onProgress?.({ phase: 'download', loadedBytes, totalBytes });
  };
  const fetched = files.map(async (file) => {
    const bytes = await fetchFile(new URL(file.path, baseUrl), file, (count) => report(file, count), signal);
    return [file.path, bytes] as const;
  });
  return new Map(await Promise.all(fetched));
}

async function fetchFile(
  url: URL,
  file: CardFile,
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const cached = await download(url, file, report, { signal });
  if (await isIntact(cached, file)) return cached;
  // The browser may have kept an older version.
  const fresh = await download(url, file, report, { signal, cache: 'reload' });
  if (await isIntact(fresh, file)) return fresh;
  throw new ModelFileError(
    `The model file ${file.path} is not the one in the catalogue (it was cut or altered). ` +
      'Publish the site again with the files it was built with, then load the model again.',
  );
}

async function download(
  url: URL,
  file: CardFile,
  report: (bytes: number) => void,
  { signal, cache = 'default' }: { signal: AbortSignal | undefined; cache?: RequestCache },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { cache, ...(signal && { signal }) });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    return await readAll(response.body, file.bytes, report);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFileError(
      `The model file ${file.path} could not be fetched (${reason}). ` +
        'Check the connection and that the site has its models folder, then load the model again.',
      { cause: error },
    );
  }
}

/** At most one byte more than expected is kept: enough to know that a file is too long. */
async function readAll(
  body: ReadableStream<Uint8Array>,
  expected: number,
  report: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(expected + 1);
  let length = 0;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes.set(part.value.subarray(0, bytes.length - length), length);
    length = Math.min(length + part.value.length, bytes.length);
    report(length);
    if (length > expected) await reader.cancel();
  }
  return bytes.subarray(0, length);
}

async function isIntact(bytes: Uint8Array<ArrayBuffer>, file: CardFile): Promise<boolean> {
  return bytes.length === file.bytes && (await sha256Of(bytes)) === file.sha256;
}
