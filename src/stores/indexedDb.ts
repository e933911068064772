import { type UseStore, createStore, getMany, keys as readKeys, promisifyRequest } from 'idb-keyval';
import { migrate } from '../core/migrate.ts';
import type { Collection, Collections, Store, StoreUsage } from '../core/ports/store.ts';
import { storeErrorOf } from '../core/storeErrorOf.ts';

/** Records of one read transaction: more would hold up the writes of a run that is being collected. */
const chunkKeys = 2_000;
/** One request for all records between two keys is this many times as quick as one for each of them. */
const rangeGain = 4;
/** Below it, asking how many records there are costs more than it gains. */
const fewKeys = 50;

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
    const found = new Map<string, Collections[C]>();
    const sorted = [...new Set(keys)].sort();
    for (let start = 0; start < sorted.length; start += chunkKeys) {
      const chunk = sorted.slice(start, start + chunkKeys);
      const read = await this.#use(collection, (database) =>
        chunk.length < fewKeys ? getMany<unknown>(chunk, database) : getNear(chunk, database),
      );
      for (const [place, key] of chunk.entries())
        if (read[place] !== undefined) found.set(key, migrate(collection, read[place]));
    }
    return keys.map((key) => found.get(key));
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

  count(collection: Collection): Promise<number> {
    return this.#use(collection, (database) =>
      database('readonly', (objects) => promisifyRequest(objects.count())),
    );
  }

  async all<C extends Collection>(collection: C): Promise<Collections[C][]> {
    const parts = await this.#use(collection, (database) =>
      // All at once: the browser reads the next part while this one is taken in.
      database('readonly', (objects) =>
        Promise.all(keyRanges.map((range) => promisifyRequest<unknown[]>(objects.getAll(range)))),
      ),
    );
    return parts.flat().map((record) => migrate(collection, record));
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

/** All keys there can be, cut where the first hexadecimal digit of a hash changes: sixteen even parts for hashes. */
const keyRanges = [...'0123456789abcdef'].map((digit, place, digits) => {
  const next = digits[place + 1];
  if (next === undefined) return IDBKeyRange.lowerBound(digit);
  return place === 0 ? IDBKeyRange.upperBound(next, true) : IDBKeyRange.bound(digit, next, false, true);
});

/** Records in the order of their keys, which ascend: all that stand between the first and the last, unless most are others'. */
function getNear(keys: readonly string[], database: UseStore): Promise<unknown[]> {
  return database('readonly', async (objects) => {
    const range = IDBKeyRange.bound(keys[0], keys.at(-1));
    const count = await promisifyRequest(objects.count(range));
    if (count > rangeGain * keys.length)
      return Promise.all(keys.map((key) => promisifyRequest<unknown>(objects.get(key))));
    const [names, records] = await Promise.all([
      promisifyRequest(objects.getAllKeys(range)),
      promisifyRequest<unknown[]>(objects.getAll(range)),
    ]);
    const places = new Map(names.map((name, place) => [name, place]));
    return keys.map((key) => records[places.get(key) ?? -1]);
  });
}

function isClosed(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}
