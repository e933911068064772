import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../core/errors.ts';
import { explainFileErrors } from './jsonlFolderErrors.ts';
import { type StoredRecord, readRecord } from './jsonlFolderRecord.ts';
import { replaceFile } from './jsonlFolderReplace.ts';

/** `run.json`: the one run that the folder holds. */
export class RunJson {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'run.json');
  }

  read(): Promise<ReadonlyMap<string, StoredRecord>> {
    return explainFileErrors(this.#path, async () => {
      const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      return new Map(text === null ? [] : [readRecord('runs', text, this.#path)]);
    });
  }

  put(records: readonly (readonly [string, StoredRecord])[]): Promise<void> {
    return explainFileErrors(this.#path, async () => {
      const ids = new Set([...(await this.read()).keys(), ...records.map(([id]) => id)]);
      if (ids.size > 1) {
        throw new StoreError(
          `${this.#path} is another run. Choose another folder for this one; nothing was changed.`,
        );
      }
      const last = records.at(-1);
      if (!last) return;
      const text = `${JSON.stringify(last[1], null, 2)}\n`;
      readRecord('runs', text, 'This run cannot be stored: it');
      await replaceFile(this.#path, [text]);
    });
  }

  delete(ids: readonly string[]): Promise<void> {
    return explainFileErrors(this.#path, async () => {
      const [known] = (await this.read()).keys();
      if (known !== undefined && ids.includes(known)) await rm(this.#path);
    });
  }
}
