import type { Collection, Store, StoreUsage } from '../../core/ports/store.ts';

/** All collections; the compiler sees to it that none is forgotten. */
const collections = Object.keys({
  runs: true,
  rollouts: true,
  verdicts: true,
  suites: true,
  models: true,
  chats: true,
  settings: true,
} satisfies Record<Collection, true>) as Collection[];

/** Records read at once: enough to be fast, few enough to leave room for a run's writes in between. */
const chunkKeys = 500;
/** Settings that never leave the device. */
const secret = new Set(['apiKeys']);

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

  /**
   * Every record as a line of JSON: `{"collection", "key", "record"}`, after a first line that names the format.
   * API keys are left out. Errors: {@link StoreError}.
   */
  async exportAll(): Promise<Blob> {
    const lines = [JSON.stringify({ format: 'otherself-device', version: 1 })];
    for (const collection of collections) {
      const keys = (await this.#store.keys(collection)).filter(
        (key) => collection !== 'settings' || !secret.has(key),
      );
      for (let start = 0; start < keys.length; start += chunkKeys) {
        const chunk = keys.slice(start, start + chunkKeys);
        const records = await this.#store.get(collection, chunk);
        records.forEach((record, index) =>
          lines.push(JSON.stringify({ collection, key: chunk[index], record })),
        );
      }
    }
    return new Blob([lines.join('\n'), '\n'], { type: 'application/jsonl' });
  }

  /** Deletes every record of every collection. Errors: {@link StoreError}; then some may be left. */
  async deleteAll(): Promise<void> {
    for (const collection of collections) {
      await this.#store.delete(collection, await this.#store.keys(collection));
    }
    await this.refresh();
  }
}
