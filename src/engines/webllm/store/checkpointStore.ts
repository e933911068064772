import { LockedError, ModelFileError, StoreError } from '../../../core/errors.ts';
import type { CheckpointProgress, CheckpointState } from '../../../core/checkpointState.ts';
import { formatBytes } from '../../../core/formatBytes.ts';
import type { InstalledCheckpoint, WebLlmCard } from '../../../core/model.ts';
import type { CheckpointSource } from './checkpointSource.ts';
import { fetchFiles, isIntact } from './fetchFiles.ts';
import { findLibraryFor } from './findLibrary.ts';
import { cacheName } from '../../../checkpoint/fileNames.ts';
import { identityOf, type Manifest, type ManifestFile, parseManifest } from './manifest.ts';
import { addressOf, manifestAddress, parsedCachePlace, placeOf } from './placeOf.ts';
import { type DescribedCheckpoint, readCheckpoint } from './readCheckpoint.ts';
import { WebLlmCache } from './webLlmCache.ts';

export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CheckpointProgress) => void) | undefined;
}

interface InstallOptions extends WorkOptions {
  /** Called once it is known what the checkpoint is, before its shards come: a later session can then resume. */
  readonly onKnown?: ((installed: InstalledCheckpoint) => void) | undefined;
}

/**
 * Checkpoints in web-llm's IndexedDB cache. Their addresses hold the hash of all their files, so what is found under
 * one is right wherever it came from, and a file is stored only after it was compared with its hash.
 */
export class CheckpointStore {
  readonly #cache: WebLlmCache;

  constructor(cache = new WebLlmCache()) {
    this.#cache = cache;
  }

  /** Null when nothing of it is stored. Looks at names, not at bytes: see {@link verify}. Errors: {@link StoreError}. */
  async stateOf({ sha256 }: Pick<InstalledCheckpoint, 'sha256'>): Promise<CheckpointState | null> {
    const manifest = await this.#manifestOf(sha256);
    return manifest && stateFrom(manifest, await this.#storedFiles(manifest, sha256));
  }

  /** Whether it could ever be made whole again from what is stored, see {@link resume}. */
  async manifestOf({ sha256 }: Pick<InstalledCheckpoint, 'sha256'>): Promise<Manifest> {
    const manifest = await this.#manifestOf(sha256);
    if (manifest) return manifest;
    throw new ModelFileError(
      'Nothing of this model is stored on this device. Download or import it in Models.',
    );
  }

  /**
   * Fetches or imports a checkpoint. What it is stands in its own files; nothing of an older one is touched.
   * Errors: {@link ModelFileError} for files that are not right, {@link StoreError}, {@link LockedError}.
   */
  async install(
    card: WebLlmCard,
    source: CheckpointSource,
    folder: string | null,
    options: InstallOptions = {},
  ): Promise<InstalledCheckpoint> {
    const library = findLibraryFor(card, source, this.#cache, options.signal);
    const described = await readCheckpoint(source, library, options);
    const sha256 = identityOf(described.manifest);
    const installed = { quantisation: described.manifest.quantisation, sha256, folder };
    return inLock(sha256, async () => {
      await this.#refuseWithoutRoom(described.manifest, sha256);
      await this.#putDescription(described, sha256);
      options.onKnown?.(installed);
      await this.#fetchMissing(described.manifest, sha256, source, options);
      return installed;
    });
  }

  /** Fetches what is missing of an installed checkpoint, nothing else. Errors: as {@link install}. */
  async resume(
    installed: InstalledCheckpoint,
    source: CheckpointSource,
    options: WorkOptions = {},
  ): Promise<void> {
    await inLock(installed.sha256, async () => {
      const manifest = await this.manifestOf(installed);
      await this.#fetchMissing(manifest, installed.sha256, source, options);
    });
  }

  /** Reads every stored file and removes those that do not fit their hash. Gives their names. Errors: {@link StoreError}. */
  verify(
    { sha256 }: InstalledCheckpoint,
    { signal, onProgress }: WorkOptions = {},
  ): Promise<readonly string[]> {
    return inLock(sha256, async () => {
      const manifest = await this.manifestOf({ sha256 });
      const stored = await this.#storedFiles(manifest, sha256);
      const good = new Set<string>();
      const broken: string[] = [];
      for (const file of manifest.files.filter(({ path }) => stored.has(path))) {
        signal?.throwIfAborted();
        const bytes = await this.#read(file, sha256);
        if (bytes && (await isIntact(bytes, file))) good.add(file.path);
        else {
          await this.#drop(file, sha256);
          broken.push(file.path);
        }
        onProgress?.({ ...stateFrom(manifest, good), pendingBytes: 0, lanes: 1 });
      }
      return broken;
    });
  }

  /** Frees its space; the library stays while another checkpoint needs it. Errors: {@link StoreError}. */
  remove({ sha256 }: Pick<InstalledCheckpoint, 'sha256'>): Promise<void> {
    return inLock(sha256, async () => {
      const manifest = await this.#manifestOf(sha256);
      const base = addressOf(sha256);
      await this.#cache.deleteAll('webllm/model', base);
      await this.#cache.deleteAll('webllm/config', base);
      const library = manifest?.files
        .map((file) => placeOf(file, sha256))
        .find((place) => place.shelf === 'webllm/wasm');
      if (library && !(await this.#isNeeded(library.url)))
        await this.#cache.delete(library.shelf, library.url);
    });
  }

  /** The bytes of one stored file. Errors: {@link ModelFileError} when it is not stored. */
  async read(file: ManifestFile, sha256: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#read(file, sha256);
    if (bytes) return bytes;
    throw new ModelFileError(
      `${file.path} is not stored on this device. Download or import the model first.`,
    );
  }

  async #manifestOf(sha256: string): Promise<Manifest | null> {
    const data = await this.#cache.get('webllm/model', manifestAddress(sha256));
    return data === undefined ? null : parseManifest(data);
  }

  async #storedFiles(manifest: Manifest, sha256: string): Promise<Set<string>> {
    const base = addressOf(sha256);
    const keys = new Set([
      ...(await this.#cache.keys('webllm/model', base)),
      ...(await this.#cache.keys('webllm/config', base)),
      ...(await this.#cache.keys('webllm/wasm', '')),
    ]);
    // web-llm reads the parsed copy: without it, tensor-cache.json counts as missing.
    const hasParsed = keys.has(parsedCachePlace(sha256).url);
    const stored = manifest.files.filter((file) => keys.has(placeOf(file, sha256).url));
    return new Set(stored.map(({ path }) => path).filter((path) => path !== cacheName || hasParsed));
  }

  async #read(file: ManifestFile, sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const { shelf, url } = placeOf(file, sha256);
    const data = await this.#cache.get(shelf, url);
    return data instanceof ArrayBuffer ? new Uint8Array(data) : null;
  }

  async #drop(file: ManifestFile, sha256: string): Promise<void> {
    const { shelf, url } = placeOf(file, sha256);
    await this.#cache.delete(shelf, url);
  }

  async #put(file: ManifestFile, bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<void> {
    if (file.path === cacheName) {
      const parsed = parsedCachePlace(sha256);
      await this.#cache.put(parsed.shelf, parsed.url, JSON.parse(new TextDecoder().decode(bytes)));
    }
    const { shelf, url } = placeOf(file, sha256);
    await this.#cache.put(shelf, url, bytes.buffer);
  }

  async #putDescription({ manifest, files }: DescribedCheckpoint, sha256: string): Promise<void> {
    for (const file of manifest.files) {
      const bytes = files.get(file.path);
      if (bytes) await this.#put(file, bytes, sha256);
    }
    await this.#cache.put('webllm/model', manifestAddress(sha256), manifest);
  }

  async #fetchMissing(
    manifest: Manifest,
    sha256: string,
    source: CheckpointSource,
    { signal, onProgress }: WorkOptions,
  ): Promise<void> {
    const stored = await this.#storedFiles(manifest, sha256);
    await fetchFiles(
      source,
      manifest.files.filter(({ path }) => !stored.has(path)),
      {
        signal,
        store: async (file, bytes) => {
          await this.#put(file, bytes, sha256);
          stored.add(file.path);
        },
        onProgress: (running) => onProgress?.({ ...stateFrom(manifest, stored), ...running }),
      },
    );
  }

  async #refuseWithoutRoom(manifest: Manifest, sha256: string): Promise<void> {
    const { bytes, storedBytes } = stateFrom(manifest, await this.#storedFiles(manifest, sha256));
    const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
    const missing = bytes - storedBytes - (quota - usage);
    if (missing <= 0) return;
    throw new StoreError(
      `The model needs ${formatBytes(bytes - storedBytes)}, and the browser lets this page store ` +
        `${formatBytes(Math.max(0, quota - usage))} more. Delete other models, or free ${formatBytes(missing)} on the disk.`,
    );
  }

  async #isNeeded(library: string): Promise<boolean> {
    const keys = await this.#cache.keys('webllm/model', '');
    for (const url of keys.filter((key) => key.endsWith('/manifest.json'))) {
      const { files } = parseManifest(await this.#cache.get('webllm/model', url));
      if (files.some((file) => placeOf(file, '').url === library)) return true;
    }
    return false;
  }
}

function stateFrom(manifest: Manifest, stored: ReadonlySet<string>): CheckpointState {
  const there = manifest.files.filter(({ path }) => stored.has(path));
  const sum = (files: readonly ManifestFile[]) => files.reduce((total, { bytes }) => total + bytes, 0);
  return {
    ...{ files: manifest.files.length, bytes: sum(manifest.files) },
    ...{ storedFiles: there.length, storedBytes: sum(there) },
  };
}

/** Long enough for work that was just stopped to end. */
const lockPatienceMs = 3000;

/** Two tabs that store or remove the same files would work against each other. */
async function inLock<T>(sha256: string, work: () => Promise<T>): Promise<T> {
  let hasLock = false;
  const options = { signal: AbortSignal.timeout(lockPatienceMs) };
  try {
    return await navigator.locks.request(`otherself:checkpoint:${sha256}`, options, () => {
      hasLock = true;
      return work();
    });
  } catch (error) {
    if (hasLock) throw error;
    throw new LockedError(
      'Another tab works on the files of this model. Wait until it is done, or close it.',
    );
  }
}
