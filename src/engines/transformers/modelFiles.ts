import { StoreError } from '../../core/errors.ts';
import type { TransformersCard } from '../../core/model.ts';
import type { OfflineFile, OfflineFiles } from '../../core/offline.ts';
import { fetchFile } from './fetchFiles.ts';
import { keptKeyOf, openKeptFiles } from './keptFiles.ts';

/** The files of all embedded models: what they keep on this device, and what is missing there. */
export class ModelFiles implements OfflineFiles {
  readonly #files: ReadonlyMap<string, TransformersCard['files'][number]>;
  readonly #modelsUrl: URL;

  /** `modelsUrl` is the folder that holds the models' folders, with the slash at its end. */
  constructor(cards: readonly TransformersCard[], modelsUrl: URL) {
    this.#modelsUrl = modelsUrl;
    // Models of one folder share their files.
    this.#files = new Map(
      cards.flatMap(({ folder, files }) => files.map((file) => [`${folder}/${file.path}`, file] as const)),
    );
  }

  async list(): Promise<readonly OfflineFile[]> {
    const kept = await openKeptFiles();
    const keys = new Set((await kept?.keys())?.map(({ url }) => url));
    return [...this.#files].map(([path, file]) => ({
      path,
      bytes: file.bytes,
      isStored: keys.has(keptKeyOf(new URL(path, this.#modelsUrl), file)),
    }));
  }

  /** Errors: {@link ModelFileError} when it cannot be fetched, {@link StoreError} when it cannot be kept. */
  async fetch(
    { path }: OfflineFile,
    { signal, onProgress = () => undefined }: Parameters<OfflineFiles['fetch']>[1] = {},
  ): Promise<void> {
    const file = this.#files.get(path);
    if (!file) throw new Error(`No model has the file ${path}.`);
    const url = new URL(path, this.#modelsUrl);
    await fetchFile(url, file, onProgress, signal);
    const kept = await openKeptFiles();
    if (await kept?.match(keptKeyOf(url, file))) return;
    throw new StoreError(
      `The browser did not keep the model file ${path}. Free some space on this device, then try again.`,
    );
  }
}
