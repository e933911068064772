import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { isWhole } from '../../../core/checkpointState.ts';
import { type InstalledCheckpoint, modelCardSchema, type WebLlmCard } from '../../../core/model.ts';
import type { CheckpointSource } from './checkpointSource.ts';
import { CheckpointStore } from './checkpointStore.ts';
import { exportTo } from './exportTo.ts';
import { exampleCheckpoint } from './exampleCheckpoint.ts';
import { FolderSource } from './folderSource.ts';
import { libraryName } from './manifest.ts';
import { addressOf } from './placeOf.ts';
import { useKeyLookups } from '../keyLookups.ts';
import { WebLlmCache, type Shelf } from './webLlmCache.ts';

type Files = Map<string, Uint8Array<ArrayBuffer>>;

const shelves: Shelf[] = ['webllm/model', 'webllm/config', 'webllm/wasm'];
const cache = new WebLlmCache();
const store = new CheckpointStore(cache);
const card = modelCardSchema.parse({
  ...{
    id: 'tiny',
    name: 'Tiny',
    persona: null,
    base: 'Tiny',
    licence: null,
    engine: 'webllm',
    contextTokens: 512,
  },
  baseRepository: 'none/tiny',
  variants: [
    {
      ...{ quantisation: 'q4f32_1', folder: null, library: libraryName },
      ...{ bytes: 1, memoryBytes: 1, bufferBytes: 1 },
    },
  ],
}) as WebLlmCard;

const folderOf = (files: Files) =>
  new FolderSource(new Map([...files].map(([name, bytes]) => [name, new Blob([bytes])])));

/** A source that does as told before each shard. */
function sourceOf(files: Files, before: (path: string) => void | Promise<void> = () => undefined) {
  const read: string[] = [];
  const folder = folderOf(files);
  const source: CheckpointSource = {
    ...{ name: 'the server', tries: 2, lanes: 1 },
    findLibrary: () => libraryName,
    async read(path, options) {
      if (path.endsWith('.bin')) await before(path);
      read.push(path);
      return folder.read(path, options);
    },
  };
  return { source, read };
}

const shardsOf = (read: readonly string[]) => read.filter((path) => path.endsWith('.bin'));
const flipped = (bytes: Uint8Array<ArrayBuffer>) =>
  bytes.map((byte, index) => (index === 500 ? byte ^ 1 : byte));

beforeEach(async () => {
  for (const shelf of shelves) await cache.deleteAll(shelf, '');
});
afterEach(() => vi.restoreAllMocks());

/** As a tab that was killed leaves it: two shards are stored. */
async function installHalf(files: Files): Promise<InstalledCheckpoint> {
  let known: InstalledCheckpoint | undefined;
  const controller = new AbortController();
  const { source } = sourceOf(files, (path) => {
    if (path === 'params_shard_2.bin') controller.abort(new Error('Paused.'));
  });
  const work = store.install(card, source, null, {
    signal: controller.signal,
    onKnown: (installed) => (known = installed),
  });
  await expect(work).rejects.toThrow('Paused.');
  return known!;
}

describe('useKeyLookups', () => {
  it('answers a question without reading the data, and gives the data to whoever wants it', async () => {
    await cache.put('webllm/model', 'https://x.invalid/a', new ArrayBuffer(8));
    const objects = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('webllm/model', 1);
      request.onsuccess = () => resolve(request.result);
    });
    const descriptor = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'get')!;
    useKeyLookups();
    // As web-llm does: a question first, then a read that waits for its transaction.
    const answers = await Promise.all(
      ['a', 'b'].flatMap((name) =>
        [false, true].map(
          (isRead) =>
            new Promise((resolve) => {
              const transaction = objects.transaction(['urls'], 'readonly');
              if (isRead) transaction.oncomplete = () => resolve(request.result);
              const request = transaction.objectStore('urls').get(`https://x.invalid/${name}`);
              if (!isRead) request.onsuccess = () => resolve(request.result);
            }),
        ),
      ),
    );
    Object.defineProperty(IDBObjectStore.prototype, 'get', descriptor);
    objects.close();
    expect(answers).toEqual([
      'https://x.invalid/a',
      { url: 'https://x.invalid/a', data: new ArrayBuffer(8) },
      undefined,
      undefined,
    ]);
  });
});

describe('CheckpointStore', () => {
  it('stores a folder as web-llm looks for it', async () => {
    const files = await exampleCheckpoint({ hasReceipt: true });
    const installed = await store.install(card, folderOf(files), null);
    expect(installed).toMatchObject({ quantisation: 'q4f32_1', folder: null });
    const state = await store.stateOf(installed);
    expect(state).toMatchObject({ files: files.size, storedFiles: files.size });
    expect(isWhole(state)).toBe(true);
    const base = addressOf(installed.sha256);
    expect(await cache.get('webllm/model', `${base}params_shard_1.bin`)).toEqual(
      files.get('params_shard_1.bin')!.buffer,
    );
    expect(await cache.get('webllm/model', `${base}tensor-cache.json`)).toHaveProperty('records');
    expect(await cache.get('webllm/model', `${base}tokenizer.json`)).toBeInstanceOf(ArrayBuffer);
    expect(await cache.get('webllm/config', `${base}mlc-chat-config.json`)).toBeInstanceOf(ArrayBuffer);
    expect(await cache.keys('webllm/wasm', '')).toHaveLength(1);
  });

  it('is never whole when it is half, and fetches only what is missing', async () => {
    const files = await exampleCheckpoint();
    const installed = await installHalf(files);
    const half = await store.stateOf(installed);
    expect(half).toMatchObject({ storedFiles: files.size - 2, files: files.size });
    expect(isWhole(half)).toBe(false);
    const { source, read } = sourceOf(files);
    const seen: number[] = [];
    // Another store: a new tab.
    await new CheckpointStore().resume(installed, source, {
      onProgress: ({ storedBytes, pendingBytes }) => seen.push(storedBytes + pendingBytes),
    });
    expect(shardsOf(read)).toEqual(['params_shard_2.bin', 'params_shard_3.bin']);
    expect(seen.at(-1)).toBe(half!.bytes);
    expect(isWhole(await store.stateOf(installed))).toBe(true);
  });

  it('finds a flipped byte and a cut file, and fetches those alone', async () => {
    const files = await exampleCheckpoint();
    const installed = await store.install(card, folderOf(files), null);
    const base = addressOf(installed.sha256);
    await cache.put(
      'webllm/model',
      `${base}params_shard_1.bin`,
      flipped(files.get('params_shard_1.bin')!).buffer,
    );
    await cache.put('webllm/model', `${base}params_shard_3.bin`, new ArrayBuffer(1000));
    expect(await store.verify(installed)).toEqual(['params_shard_1.bin', 'params_shard_3.bin']);
    expect(isWhole(await store.stateOf(installed))).toBe(false);
    const { source, read } = sourceOf(files);
    await store.resume(installed, source);
    expect(shardsOf(read)).toEqual(['params_shard_1.bin', 'params_shard_3.bin']);
    expect(await store.verify(installed)).toEqual([]);
    expect(isWhole(await store.stateOf(installed))).toBe(true);
  });

  it('stores nothing that does not fit its hash, and keeps what it has', async () => {
    const files = await exampleCheckpoint();
    const installed = await installHalf(files);
    const altered = new Map(files).set('params_shard_2.bin', flipped(files.get('params_shard_2.bin')!));
    const { source, read } = sourceOf(altered);
    await expect(store.resume(installed, source)).rejects.toThrow(
      /params_shard_2\.bin from the server was cut or altered/,
    );
    expect(shardsOf(read)).toEqual(['params_shard_2.bin', 'params_shard_2.bin']);
    const cut = new Map(files).set('params_shard_2.bin', new Uint8Array(7));
    await expect(store.resume(installed, folderOf(cut))).rejects.toThrow(/params_shard_2/);
    const missing = new Map([...files].filter(([name]) => name !== 'params_shard_2.bin'));
    await expect(store.resume(installed, folderOf(missing))).rejects.toThrow(
      /no params_shard_2\.bin in the folder/,
    );
    expect(await store.stateOf(installed)).toMatchObject({ files: files.size });
    expect((await store.stateOf(installed))!.storedFiles).toBeGreaterThanOrEqual(files.size - 2);
    expect(isWhole(await store.stateOf(installed))).toBe(false);
  });

  it('says that the disk is full, keeps what is stored, and goes on later', async () => {
    const files = await exampleCheckpoint();
    const installed = await installHalf(files);
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const { source } = sourceOf(files);
    await expect(store.resume(installed, source)).rejects.toThrow(
      /^The browser's storage is full\. Delete runs or models/,
    );
    vi.restoreAllMocks();
    expect(await store.stateOf(installed)).toMatchObject({ storedFiles: files.size - 2 });
    await store.resume(installed, source);
    expect(isWhole(await store.stateOf(installed))).toBe(true);
  });

  it('does not begin when there is not enough room', async () => {
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 5000, usage: 4000 });
    const files = await exampleCheckpoint();
    const { source, read } = sourceOf(files);
    await expect(store.install(card, source, null)).rejects.toThrow(/lets this page store 1 kB more/);
    expect(shardsOf(read)).toEqual([]);
    expect(await cache.keys('webllm/model', '')).toEqual([]);
  });

  it('removes one model and leaves the other, with the library that both use', async () => {
    const first = await exampleCheckpoint();
    const second = new Map(first).set('tokenizer.json', new TextEncoder().encode('{}'));
    const one = await store.install(card, folderOf(first), null);
    const two = await store.install(card, folderOf(second), null);
    await store.remove(one);
    expect(await store.stateOf(one)).toBeNull();
    expect(isWhole(await store.stateOf(two))).toBe(true);
    await store.remove(two);
    for (const shelf of shelves) expect(await cache.keys(shelf, '')).toEqual([]);
  });

  it('exports a folder that can be imported on a device without a network', async () => {
    const files = await exampleCheckpoint({ hasReceipt: true });
    const installed = await store.install(card, folderOf(files), null);
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('export', { create: true });
    await exportTo(store, installed, folder, {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const exported = new Map<string, File>();
    for await (const [name, entry] of folder.entries()) {
      exported.set(name, await (entry as FileSystemFileHandle).getFile());
    }
    expect([...exported.keys()].sort()).toEqual([...files.keys()].sort());
    await store.remove(installed);
    const again = await store.install(card, new FolderSource(exported), null);
    expect(again).toEqual(installed);
    await root.removeEntry('export', { recursive: true });
    expect(isWhole(await store.stateOf(again))).toBe(true);
  });

  it('lets one tab work on a model at a time', async () => {
    const files = await exampleCheckpoint();
    const installed = await installHalf(files);
    let go: (() => void) | undefined;
    const { source } = sourceOf(files, () => new Promise<void>((resolve) => (go = resolve)));
    const first = store.resume(installed, source);
    await expect.poll(() => go).not.toBe(undefined);
    await expect(new CheckpointStore().remove(installed)).rejects.toThrow(/Another tab works on the files/);
    const timer = setInterval(() => go?.(), 5);
    await first;
    clearInterval(timer);
  });
});
