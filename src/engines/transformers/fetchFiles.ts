import { ModelFileError, sentenceOf } from '../../core/errors.ts';
import type { TransformersCard } from '../../core/model.ts';
import type { LoadProgress } from '../../core/ports/engine.ts';
import { sha256Of } from '../fileHashes.ts';
import { keepFile, keptKeyOf, openKeptFiles } from './keptFiles.ts';

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

/**
 * One file, compared with the catalogue: the one that is kept on this device, else from the network, and then it
 * is kept. Errors: {@link ModelFileError}.
 */
export async function fetchFile(
  url: URL,
  file: CardFile,
  report: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await openKeptFiles();
  // Without a place of our own the browser's may help, and may have an older version.
  if (!kept) return fetchIntact(url, file, report, { signal, caches: ['default', 'reload'] });
  // Who else wants the same file, a worker or a tab, waits for it instead of fetching it again.
  return navigator.locks.request(keptKeyOf(url, file), { ...(signal && { signal }) }, async () => {
    const known = await readKept(kept, url, file, report);
    if (known) return known;
    // Two copies of 100 MB on one disk are one too many.
    const bytes = await fetchIntact(url, file, report, { signal, caches: ['no-store'] });
    // A full disk is no reason not to answer; the check for offline use names what is not kept.
    await keepFile(kept, url, { file, bytes }).catch(() => undefined);
    return bytes;
  });
}

async function readKept(
  kept: Cache,
  url: URL,
  file: CardFile,
  report: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const key = keptKeyOf(url, file);
  const response = await kept.match(key);
  if (!response?.body) return null;
  const bytes = await readAll(response.body, file.bytes, report);
  if (await isIntact(bytes, file)) return bytes;
  await kept.delete(key);
  return null;
}

/** Asks once for each way of asking the browser's own cache, until the file is right. */
async function fetchIntact(
  url: URL,
  file: CardFile,
  report: (bytes: number) => void,
  { signal, caches }: { signal: AbortSignal | undefined; caches: readonly RequestCache[] },
): Promise<Uint8Array<ArrayBuffer>> {
  for (const cache of caches) {
    const bytes = await download(url, file, report, { signal, cache });
    if (await isIntact(bytes, file)) return bytes;
  }
  throw new ModelFileError(
    `The model file ${file.path} is not the one in the catalogue (it was cut or altered). ` +
      'Publish the site again with the files it was built with, then load the model again.',
  );
}

async function download(
  url: URL,
  file: CardFile,
  report: (bytes: number) => void,
  { signal, cache }: { signal: AbortSignal | undefined; cache: RequestCache },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { cache, ...(signal && { signal }) });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    return await readAll(response.body, file.bytes, report);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = sentenceOf(error);
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
