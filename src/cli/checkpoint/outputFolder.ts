import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileHashes } from '../../checkpoint/verifyCheckpoint.ts';
import { InputError, LockedError, StoreError } from '../../core/errors.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';
import { takeLock } from '../../stores/jsonlFolderLock.ts';
import { syncFolder } from '../../stores/jsonlFolderReplace.ts';
import { Journal } from './journal.ts';
import { sealFile } from './sealFile.ts';

/** Room for the small files beside the shards. */
const smallBytes = 64 * 2 ** 20;

/**
 * What a conversion writes: all of it in `OUT.partial`, which becomes `OUT` when it is whole. Beside the files it
 * holds the journal that an interrupted conversion goes on by.
 */
export class OutputFolder {
  readonly #out: string;
  readonly #work: string;
  readonly #release: () => void;

  private constructor(out: string, release: () => void) {
    this.#out = out;
    this.#work = `${out}.partial`;
    this.#release = release;
  }

  /** Throws where there is a finished folder, or another process at work on it. */
  static async open(
    path: string,
    options: { readonly restart: boolean; readonly onNote: (sentence: string) => void },
  ): Promise<OutputFolder> {
    const out = resolve(path);
    const work = `${out}.partial`;
    return explainFileErrors(out, async () => {
      if (existsSync(out) && (await readdir(out)).length > 0)
        throw new InputError(`${path} exists and is not empty. Delete it, or choose another --out.`);
      await mkdir(work, { recursive: true });
      const release = await takeLock(work, 'conversion', options.onNote);
      if (!release) throw new LockedError(`Another process is converting into ${path}. Wait for it to end.`);
      const folder = new OutputFolder(out, release);
      if (options.restart) await rm(folder.#journalPath, { force: true });
      if (!existsSync(folder.#journalPath)) await rm(folder.#files, { recursive: true, force: true });
      await mkdir(folder.#files, { recursive: true });
      return folder;
    });
  }

  get #files(): string {
    return join(this.#work, 'files');
  }

  get #journalPath(): string {
    return join(this.#work, 'journal.jsonl');
  }

  pathOf(name: string): string {
    return join(this.#files, name);
  }

  openJournal(plan: string): Promise<Journal> {
    return Journal.open(this.#journalPath, plan);
  }

  /** Makes the files that will be written to, and sees that the disk can hold them. */
  async reserve(files: readonly { readonly name: string; readonly bytes: number }[]): Promise<void> {
    await explainFileErrors(this.#files, async () => {
      const { bavail, bsize } = await statfs(this.#files);
      const held = await Promise.all(files.map(async ({ name }) => this.#blocksOf(name)));
      const needed = files.reduce((sum, { bytes }) => sum + bytes, smallBytes);
      const free = bavail * bsize + held.reduce((sum, bytes) => sum + bytes, 0);
      if (free < needed)
        throw new StoreError(
          `The disk of ${this.#out} has ${gigabytes(free)} GB free, and ${gigabytes(needed)} GB are needed. Free space, or choose another --out.`,
        );
      for (const { name, bytes } of files) {
        const file = await open(this.pathOf(name), 'a');
        await file.truncate(bytes);
        await file.close();
      }
    });
  }

  async #blocksOf(name: string): Promise<number> {
    if (!existsSync(this.pathOf(name))) return 0;
    return (await stat(this.pathOf(name))).blocks * 512;
  }

  /** Writes a small file, and reads it back from the disk. */
  async write(name: string, bytes: Uint8Array): Promise<FileHashes> {
    const path = this.pathOf(name);
    return explainFileErrors(path, async () => {
      await writeFile(path, bytes);
      return sealFile(path, [{ start: 0, end: bytes.length, crc32: crc32(bytes) }]);
    });
  }

  /** Gives the finished folder its name. */
  async publish(): Promise<void> {
    await explainFileErrors(this.#out, async () => {
      await syncFolder(this.#files);
      // Only an empty one: whatever was put there meanwhile stays.
      if (existsSync(this.#out)) await rmdir(this.#out);
      await rename(this.#files, this.#out);
      await syncFolder(dirname(this.#out));
      this.#release();
      await rm(this.#work, { recursive: true });
    });
  }

  /** Lets another process go on; what is there stays. */
  close(): void {
    this.#release();
  }
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
