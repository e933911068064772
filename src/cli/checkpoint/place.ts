import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../../core/errors.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';

/** Where the files of a model or an adapter come from. */
export interface Place {
  /** A local folder's own name, or the id on the hub. */
  readonly id: string;
  /** Commit on the hub; null for a local folder. */
  readonly revision: string | null;
  readonly names: readonly string[];
  /** Only what was fetched can be read there. */
  pathOf(name: string): string;
  fetch(names: readonly string[], onProgress: (bytes: number, totalBytes: number) => void): Promise<void>;
}

export async function openLocalPlace(folder: string): Promise<Place> {
  const path = resolve(folder);
  const names = await explainFileErrors(path, async () => {
    if (!(await stat(path)).isDirectory())
      throw new InputError(`${folder} is a file. Give the folder that holds it.`);
    return readdir(path);
  });
  return {
    id: basename(path),
    revision: null,
    names: names.sort(),
    pathOf: (name) => join(path, name),
    fetch: () => Promise.resolve(),
  };
}

/** True for what can be an id on the hub, and no path on this machine. */
export function isHubId(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(text);
}
