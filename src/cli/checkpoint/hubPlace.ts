import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downloadFile, listFiles, type ListFileEntry, modelInfo } from '@huggingface/hub';
import { runLanesTogether } from '../../core/lanes.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';
import type { Place } from './place.ts';
import { syncFile } from './sealFile.ts';
import { askHub, type HubCall, HubError } from './hubFetch.ts';

export interface HubRequest {
  /** `owner/name`. */
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  readonly token: string | undefined;
  readonly hubUrl: string;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly retryDelayMs?: number;
}

/** Large enough that a request's latency does not count, small enough to hold a few. */
const sliceBytes = 32 * 2 ** 20;
const lanes = 4;

/**
 * A repository on the hub, at the commit that its revision is now. Its files are fetched into
 * `cacheFolder/owner--name/COMMIT`, and what a dropped connection or a killed process left is gone on with. Each is
 * held against the hash that the hub lists.
 */
export async function openHubPlace(request: HubRequest): Promise<Place> {
  const call: HubCall = { ...request, retryDelayMs: request.retryDelayMs ?? 1_000 };
  const { commit, entries } = await findFiles(request, call);
  const folder = join(request.cacheFolder, request.name.replace('/', '--'), commit);
  return {
    id: request.name,
    revision: commit,
    names: [...entries.keys()],
    pathOf: (name) => join(folder, name),
    async fetch(names, onProgress) {
      const wanted = names.flatMap((name) => entries.get(name) ?? []);
      const totalBytes = wanted.reduce((sum, { size }) => sum + size, 0);
      let bytes = 0;
      // The first failure ends the other lanes, and nothing is at work any more when it is told.
      await runLanesTogether(wanted, lanes, request.signal, (entry, signal) =>
        fetchFile(entry, {
          ...{ request, commit, path: join(folder, entry.path), call: { ...call, signal } },
          onBytes: (count) => onProgress((bytes += count), totalBytes),
        }),
      );
    },
  };
}

async function findFiles(request: HubRequest, call: HubCall) {
  const credentials = request.token === undefined ? {} : { accessToken: request.token };
  const { name, revision, hubUrl } = request;
  const { sha } = await askHub(call, (fetch) =>
    modelInfo({ name, revision, hubUrl, fetch, additionalFields: ['sha'], ...credentials }),
  );
  const entries = await askHub(call, async (fetch) => {
    const found = new Map<string, ListFileEntry>();
    const list = listFiles({
      ...{ repo: name, revision: sha, hubUrl, fetch, ...credentials },
      recursive: false,
    });
    for await (const entry of list) if (entry.type === 'file') found.set(entry.path, entry);
    return found;
  });
  return { commit: sha, entries };
}

interface FileJob {
  readonly request: HubRequest;
  readonly call: HubCall;
  readonly commit: string;
  readonly path: string;
  /** Called with what has come since the last call; less than 0 when a bad file begins anew. */
  readonly onBytes: (count: number) => void;
}

async function fetchFile(entry: ListFileEntry, job: FileJob): Promise<void> {
  const { path, onBytes } = job;
  if ((await sizeOf(path)) === entry.size) return onBytes(entry.size);
  const part = `${path}.part`;
  await explainFileErrors(path, () => mkdir(dirname(path), { recursive: true }));
  // A part that an earlier process left may be bad at its end: once more from the start, then it is the hub's fault.
  for (const isLastTry of [false, true]) {
    await fetchPart(entry, part, job);
    if (await isAsListed(part, entry)) return explainFileErrors(path, () => rename(part, path));
    await rm(part);
    onBytes(-entry.size);
    if (isLastTry) break;
  }
  throw new HubError(
    `${entry.path} of ${job.request.name} does not have the hash that the hub lists. Try again later.`,
  );
}

async function fetchPart(entry: ListFileEntry, part: string, job: FileJob): Promise<void> {
  let end = (await sizeOf(part)) ?? 0;
  if (end > entry.size) {
    await rm(part);
    end = 0;
  }
  job.onBytes(end);
  await explainFileErrors(part, () => appendFile(part, ''));
  while (end < entry.size) {
    const bytes = await fetchSlice(entry, [end, Math.min(end + sliceBytes, entry.size)], job);
    await explainFileErrors(part, () => appendFile(part, bytes));
    end += bytes.byteLength;
    job.onBytes(bytes.byteLength);
  }
  await explainFileErrors(part, () => syncFile(part));
}

function fetchSlice(
  { path, size }: ListFileEntry,
  [start, end]: [number, number],
  { request, call, commit }: FileJob,
) {
  const { name, token, hubUrl } = request;
  const credentials = token === undefined ? {} : { accessToken: token };
  return askHub(call, async (fetch) => {
    const params = { repo: name, path, revision: commit, hubUrl, fetch, xet: false, ...credentials };
    // Known already; the address is the hub's own, which hands out a fresh signed one at each request.
    const url = `${hubUrl}/${name}/resolve/${commit}/${path}`;
    const blob = await downloadFile({ ...params, downloadInfo: { size, etag: '', url } });
    // One slice of the whole file would be asked for without a range, which a large file must never be.
    const bytes = new Uint8Array(blob ? await blob.slice(start, end).arrayBuffer() : new ArrayBuffer(0));
    if (bytes.byteLength !== end - start) throw new Error(`${bytes.byteLength} of ${end - start} bytes came`);
    return bytes;
  });
}

/** Files in large-file storage are listed with their SHA-256, the small ones with the SHA-1 of git. */
async function isAsListed(path: string, { size, lfs, oid }: ListFileEntry): Promise<boolean> {
  if ((await sizeOf(path)) !== size) return false;
  const hash = lfs ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  for await (const bytes of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(bytes as Buffer);
  return hash.digest('hex') === (lfs ? lfs.oid : oid);
}

/** Null if there is no such file. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
