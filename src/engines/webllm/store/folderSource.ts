import { ModelFileError, sentenceOf } from '../../../core/errors.ts';
import type { CheckpointSource, ReadOptions } from './checkpointSource.ts';

/** Files of a folder on this device, chosen or dropped by the user. */
export class FolderSource implements CheckpointSource {
  readonly name = 'the folder';
  readonly tries = 1;
  readonly lanes = 2;
  readonly #files: ReadonlyMap<string, Blob>;

  /** By file name; folders inside are left out. */
  constructor(files: ReadonlyMap<string, Blob>) {
    this.#files = files;
  }

  async read(path: string, { signal, onBytes }: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer> | null> {
    signal?.throwIfAborted();
    const file = this.#files.get(path);
    if (!file) return null;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      onBytes?.(bytes.length);
      return bytes;
    } catch (cause) {
      throw new ModelFileError(
        `${path} could not be read from the folder (${sentenceOf(cause)}). Is the drive still connected? Choose the ` +
          'folder again; what was imported is kept.',
        { cause },
      );
    }
  }

  findLibrary(): string | null {
    return [...this.#files.keys()].find((name) => name.endsWith('.wasm')) ?? null;
  }
}
