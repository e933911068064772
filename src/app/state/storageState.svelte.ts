import { writeDeviceFile } from '../../core/deviceFile.ts';
import type { Collection, Store, StoreUsage } from '../../core/ports/store.ts';
import type { FileOrigin } from '../../core/sealedLines.ts';

/** All collections; the compiler sees to it that none is forgotten. */
const collections = Object.keys({
  runs: true,
  rollouts: true,
  verdicts: true,
  beliefs: true,
  suites: true,
  rubrics: true,
  models: true,
  chats: true,
  talks: true,
  settings: true,
} satisfies Record<Collection, true>) as Collection[];

/** What this device stores for the app, as a whole. */
export class StorageState {
  readonly #store: Store;
  readonly #requestPersistence: () => Promise<boolean>;
  #usage = $state.raw<StoreUsage | null>(null);

  constructor(store: Store, requestPersistence: () => Promise<boolean>) {
    this.#store = store;
    this.#requestPersistence = requestPersistence;
  }

  /** Null until {@link refresh} is done. */
  get usage(): StoreUsage | null {
    return this.#usage;
  }

  /** Errors: {@link StoreError}. */
  async refresh(): Promise<void> {
    this.#usage = await this.#store.usage();
  }

  /** Asks the browser never to evict what is stored; true when it promises so. Call it on a user's action. */
  async keepSafe(): Promise<boolean> {
    const isPersisted = await this.#requestPersistence();
    await this.refresh();
    return isPersisted;
  }

  /** A file of everything but API keys. Errors: {@link StoreError}. */
  async exportAll(origin: FileOrigin): Promise<Blob> {
    const parts: Blob[] = [];
    // A blob leaves the texts to the browser, which may keep them on disk.
    for await (const lines of writeDeviceFile(this.#store, origin)) parts.push(new Blob([lines]));
    return new Blob(parts, { type: 'application/jsonl' });
  }

  /** Deletes every record of every collection. Errors: {@link StoreError}; then some may be left. */
  async deleteAll(): Promise<void> {
    for (const collection of collections) {
      await this.#store.delete(collection, await this.#store.keys(collection));
    }
    await this.refresh();
  }
}
