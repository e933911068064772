import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../core/errors.ts';
import type { Collection, Collections, Store, StoreUsage } from '../core/ports/store.ts';
import { JsonlFile } from './jsonlFolderFile.ts';
import { takeLock } from './jsonlFolderLock.ts';
import { RunJson } from './jsonlFolderRun.ts';
import { explainFileErrors } from './jsonlFolderErrors.ts';

export interface JsonlFolderOptions {
  /** Make the folder when it is missing. Without it a missing folder reads as empty. */
  readonly create: boolean;
  /** Gets sentences for the user: a half-written line was set aside, a lock is held by a process. */
  readonly onNote?: (sentence: string) => void;
}

/**
 * The store of one run in a folder: `run.json`, and for each other collection `<collection>.jsonl`, one record a
 * line, the last of a key counts. A record that was put is on the disk (fsync). What others append is seen.
 */
export async function openJsonlFolder(path: string, options: JsonlFolderOptions): Promise<Store> {
  await explainFileErrors(path, async () => {
    if (options.create) await mkdir(path, { recursive: true });
    const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (facts && !facts.isDirectory()) throw new StoreError(`${path} is a file. Give a folder for the run.`);
  });
  return new JsonlFolder(path, options.onNote ?? (() => undefined));
}

class JsonlFolder implements Store {
  readonly #path: string;
  readonly #onNote: (sentence: string) => void;
  readonly #runFile: RunJson;
  readonly #files = new Map<Collection, JsonlFile>();

  constructor(path: string, onNote: (sentence: string) => void) {
    this.#path = path;
    this.#onNote = onNote;
    this.#runFile = new RunJson(path);
  }

  async get<C extends Collection>(
    collection: C,
    keys: readonly string[],
  ): Promise<(Collections[C] | undefined)[]> {
    const records = await this.#fileOf(collection).read();
    // A copy for each caller: the records in memory must stay as the file has them.
    return keys.map((key) => structuredClone(records.get(key)) as Collections[C] | undefined);
  }

  async put<C extends Collection>(
    collection: C,
    records: readonly (readonly [string, Collections[C]])[],
  ): Promise<void> {
    await this.#fileOf(collection).put(records);
  }

  async delete(collection: Collection, keys: readonly string[]): Promise<void> {
    await this.#fileOf(collection).delete(keys);
  }

  async keys(collection: Collection): Promise<string[]> {
    return [...(await this.#fileOf(collection).read()).keys()];
  }

  async count(collection: Collection): Promise<number> {
    return (await this.#fileOf(collection).read()).size;
  }

  async all<C extends Collection>(collection: C): Promise<Collections[C][]> {
    const records = await this.#fileOf(collection).read();
    return [...records.values()].map((record) => structuredClone(record) as Collections[C]);
  }

  lock(name: string): Promise<(() => void) | null> {
    return explainFileErrors(this.#path, () => takeLock(this.#path, name, this.#onNote));
  }

  usage(): Promise<StoreUsage> {
    return explainFileErrors(this.#path, async () => {
      const names = await readdir(this.#path);
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(this.#path, name))).size));
      const { bavail, bsize } = await statfs(this.#path);
      const usedBytes = sizes.reduce((sum, size) => sum + size, 0);
      return { usedBytes, quotaBytes: usedBytes + bavail * bsize, persisted: null };
    });
  }

  #fileOf(collection: Collection): RunJson | JsonlFile {
    if (collection === 'runs') return this.#runFile;
    const file = this.#files.get(collection) ?? new JsonlFile(this.#path, collection, this.#onNote);
    this.#files.set(collection, file);
    return file;
  }
}
