import { storeErrorOf } from '../../../core/storeErrorOf.ts';

/** web-llm 0.2.86 keeps three databases, each with one object store of `{ url, data }` by `url`. */
export type Shelf = 'webllm/model' | 'webllm/config' | 'webllm/wasm';

const storeName = 'urls';

/** web-llm's own IndexedDB cache (`cacheBackend: 'indexeddb'`), so that it finds what is put here. */
export class WebLlmCache {
  readonly #databases = new Map<Shelf, Promise<IDBDatabase>>();

  /** Undefined where nothing is stored. Errors: {@link StoreError}. */
  async get(shelf: Shelf, url: string): Promise<unknown> {
    const found: unknown = await this.#request<unknown>(shelf, 'readonly', (urls) => urls.get(url));
    return typeof found === 'object' && found !== null && 'data' in found ? found.data : undefined;
  }

  /** All or nothing; it is safe from a killed tab once this resolves. Errors: {@link StoreError}. */
  async put(shelf: Shelf, url: string, data: unknown): Promise<void> {
    await this.#request(shelf, 'readwrite', (urls) => urls.put({ url, data }));
  }

  /** The stored addresses that begin with `prefix`. Errors: {@link StoreError}. */
  async keys(shelf: Shelf, prefix: string): Promise<string[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return (await this.#request(shelf, 'readonly', (urls) => urls.getAllKeys(range))) as string[];
  }

  async delete(shelf: Shelf, url: string): Promise<void> {
    await this.#request(shelf, 'readwrite', (urls) => urls.delete(url));
  }

  /** Removes all that begins with `prefix`. Errors: {@link StoreError}. */
  async deleteAll(shelf: Shelf, prefix: string): Promise<void> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    await this.#request(shelf, 'readwrite', (urls) => urls.delete(range));
  }

  async #request<T>(
    shelf: Shelf,
    mode: IDBTransactionMode,
    ask: (urls: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    try {
      return await run(await this.#open(shelf), mode, ask);
    } catch (cause) {
      // Browsers close connections by themselves: the next call connects anew.
      this.#databases.delete(shelf);
      throw storeErrorOf(cause);
    }
  }

  #open(shelf: Shelf): Promise<IDBDatabase> {
    const known = this.#databases.get(shelf);
    if (known) return known;
    const opened = openShelf(shelf, () => this.#databases.delete(shelf));
    this.#databases.set(shelf, opened);
    return opened;
  }
}

function openShelf(shelf: Shelf, onClosed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(shelf, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: 'url' });
    request.onerror = () => reject(request.error ?? new Error('no reason given'));
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = onClosed;
      database.onversionchange = () => {
        database.close();
        onClosed();
      };
      resolve(database);
    };
  });
}

/** Resolves when the transaction is complete: a request that worked may still be undone by a full disk. */
function run<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  ask: (urls: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(storeName, mode);
    // Set before the request: see useKeyLookups, which tells web-llm's requests from these by it.
    let request: IDBRequest<T> | undefined;
    transaction.oncomplete = () => request && resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('the browser gave no reason'));
    request = ask(transaction.objectStore(storeName));
  });
}
