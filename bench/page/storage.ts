import type { ShardTask, StorageBackend } from '../benchPage.ts';

interface Place {
  write(name: string, data: ArrayBuffer): Promise<unknown>;
  read(name: string): Promise<ArrayBuffer>;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The request failed.'));
  });
}

const places: Readonly<Record<StorageBackend, () => Promise<Place>>> = {
  IndexedDB: async () => {
    const opening = indexedDB.open('bench');
    opening.onupgradeneeded = () => opening.result.createObjectStore('shards');
    const database = await settled(opening);
    return {
      write: (name, data) =>
        new Promise((resolve, reject) => {
          // The request succeeds before the data is safe, the transaction after.
          const transaction = database.transaction('shards', 'readwrite');
          transaction.objectStore('shards').put(data, name);
          transaction.oncomplete = resolve;
          transaction.onabort = () => reject(transaction.error ?? new Error('The transaction failed.'));
        }),
      read: (name) =>
        settled(database.transaction('shards').objectStore('shards').get(name) as IDBRequest<ArrayBuffer>),
    };
  },
  'Cache API': async () => {
    const cache = await caches.open('bench');
    return {
      write: (name, data) => cache.put(`/${name}`, new Response(data)),
      read: async (name) => ((await cache.match(`/${name}`)) as Response).arrayBuffer(),
    };
  },
  OPFS: async () => {
    const root = await navigator.storage.getDirectory();
    return {
      async write(name, data) {
        const file = await (await root.getFileHandle(name, { create: true })).createWritable();
        await file.write(data);
        await file.close();
      },
      read: async (name) => (await (await root.getFileHandle(name)).getFile()).arrayBuffer(),
    };
  },
};

/** Milliseconds for writing or reading all shards, one after the other. */
async function moveShards({ backend, task, bytes, shards }: ShardTask): Promise<number> {
  const place = await places[backend]();
  const data = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i += 65536) crypto.getRandomValues(data.subarray(i, i + 65536));
  const startMs = performance.now();
  for (let shard = 0; shard < shards; shard++) {
    data[0] = shard;
    if (task === 'write') await place.write(`shard-${shard}`, data.buffer);
    else if ((await place.read(`shard-${shard}`)).byteLength !== bytes) throw new Error('A shard is cut.');
  }
  return performance.now() - startMs;
}

Object.assign(globalThis, { moveShards });
