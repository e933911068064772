import { type UseStore, createStore, getMany, keys as readKeys, promisifyRequest } from 'idb-keyval';
import { migrate } from '../core/migrate.ts';
import type { Collection, Collections, Store, StoreUsage } from '../core/ports/store.ts';
import { storeErrorOf } from '../core/storeErrorOf.ts';

/** Requests in one read transaction: more would hold up the writes of a run that is being collected. */
const chunkKeys = 2_000;

/**
 * The browser's store: one IndexedDB database for each collection, locks of the Web Locks API. A record is safe
 * from a killed tab or browser once `put` resolves; when the machine loses power, the browser may lose the last
 * moments (IndexedDB's relaxed durability, the default of all browsers).
 */
export class IndexedDbStore implements Store {
  readonly #databases = new Map<Collection, UseStore>();

  async get<C extends Collection>(
    collection: C,
    keys: readonly string[],
  ): Promise<(Collections[C] | undefined)[]> {
    const records: (Collections[C] | undefined)[] = [];
    for (let start = 0; start < keys.length; start += chunkKeys) {
      const chunk = keys.slice(start, start + chunkKeys);
      const read = await this.#use(collection, (database) => getMany<unknown>(chunk, database));
      for (const record of read) {
        records.push(record === undefined ? undefined : migrate(collection, record));
      }
    }
    return records;
  }

  async put<C extends Collection>(
    collection: C,
    records: readonly (readonly [string, Collections[C]])[],
  ): Promise<void> {
    await this.#change(collection, (objects) => {
      for (const [key, record] of records) objects.put(record, key);
    });
  }

  async delete(collection: Collection, keys: readonly string[]): Promise<void> {
    await this.#change(collection, (objects) => {
      for (const key of keys) objects.delete(key);
    });
  }

  keys(collection: Collection): Promise<string[]> {
    return this.#use(collection, (database) => readKeys<string>(database));
  }

  async lock(name: string): Promise<(() => void) | null> {
    return new Promise((resolve, reject) => {
      const hold = (lock: Lock | null): Promise<void> | void => {
        if (!lock) return resolve(null);
        return new Promise<void>((release) => resolve(release));
      };
      navigator.locks.request(`otherself:${name}`, { ifAvailable: true }, hold).catch((cause: unknown) => {
        reject(storeErrorOf(cause));
      });
    });
  }

  async usage(): Promise<StoreUsage> {
    try {
      const [{ usage, quota }, persisted] = await Promise.all([
        navigator.storage.estimate(),
        navigator.storage.persisted(),
      ]);
      return { usedBytes: usage ?? null, quotaBytes: quota ?? null, persisted };
    } catch (cause) {
      throw storeErrorOf(cause);
    }
  }

  /** One transaction. idb-keyval's setMany would keep the records before one that cannot be stored. */
  #change(collection: Collection, request: (objects: IDBObjectStore) => void): Promise<void> {
    return this.#use(collection, (database) =>
      database('readwrite', (objects) => {
        try {
          request(objects);
        } catch (error) {
          objects.transaction.abort();
          throw error;
        }
        return promisifyRequest(objects.transaction);
      }),
    );
  }

  async #use<T>(collection: Collection, work: (database: UseStore) => Promise<T>): Promise<T> {
    try {
      return await work(this.#open(collection)).catch((error: unknown) => {
        // Browsers close connections by themselves, and idb-keyval keeps the closed one: connect anew, once.
        if (!isClosed(error)) throw error;
        this.#databases.delete(collection);
        return work(this.#open(collection));
      });
    } catch (cause) {
      this.#databases.delete(collection);
      throw storeErrorOf(cause);
    }
  }

  #open(collection: Collection): UseStore {
    if (typeof indexedDB === 'undefined') throw new DOMException('There is no IndexedDB.', 'SecurityError');
    const database = this.#databases.get(collection) ?? createStore(`otherself-${collection}`, 'records');
    this.#databases.set(collection, database);
    return database;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}
