import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Collection } from '../core/ports/store.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import { describeStore } from '../core/testing/storeContract.ts';
import { IndexedDbStore } from './indexedDb.ts';

const collections: Collection[] = [
  'runs',
  'rollouts',
  'verdicts',
  'beliefs',
  'suites',
  'models',
  'chats',
  'settings',
];

/** Clears rather than deletes: a database with an open connection cannot be deleted. */
async function clearAll(): Promise<void> {
  const store = new IndexedDbStore();
  for (const collection of collections) await store.delete(collection, await store.keys(collection));
}

describeStore('IndexedDbStore', async () => {
  await clearAll();
  return { store: new IndexedDbStore(), openAgain: async () => new IndexedDbStore() };
});

const realPut = methodOf(IDBObjectStore.prototype, 'put');
const realOpen = methodOf(IDBFactory.prototype, 'open');
const realTransaction = methodOf(IDBDatabase.prototype, 'transaction');

/** The method itself, to be called with its object by hand. */
function methodOf<T extends object, K extends keyof T>(prototype: T, name: K): T[K] {
  return prototype[name];
}

function refuseAs(name: string): () => never {
  return () => {
    throw new DOMException('refused', name);
  };
}

describe('an IndexedDbStore in trouble', () => {
  let store: IndexedDbStore;
  beforeEach(async () => {
    await clearAll();
    store = new IndexedDbStore();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('says that storage is full, and keeps what it has', async () => {
    // Chromium ignores DevTools' Storage.overrideQuotaForOrigin for IndexedDB, so the second write is made to fail.
    await store.put('settings', [['a', 1]]);
    const put = vi.spyOn(IDBObjectStore.prototype, 'put');
    put.mockImplementationOnce(realPut).mockImplementationOnce(refuseAs('QuotaExceededError'));
    const records = [
      ['a', 2],
      ['b', 3],
    ] as const;
    await expect(store.put('settings', records)).rejects.toThrow(
      /^The browser's storage is full\. Delete runs or models/,
    );
    expect(put).toHaveBeenCalledTimes(2);
    expect(await store.get('settings', ['a', 'b'])).toEqual([1, undefined]);
  });

  it.each(['SecurityError', 'InvalidStateError'])('says that storage is blocked by a %s', async (name) => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(refuseAs(name));
    await expect(store.keys('runs')).rejects.toThrow(
      /^This browser does not let the page store anything: a private/,
    );
    vi.restoreAllMocks();
    expect(await store.keys('runs')).toEqual([]);
  });

  it('says that the data is of a newer version', async () => {
    const name = `otherself-test-${crypto.randomUUID()}`;
    await new Promise((resolve) => {
      indexedDB.open(name, 9).onsuccess = resolve;
    });
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory) {
      return realOpen.call(this, name, 1);
    });
    await expect(store.keys('runs')).rejects.toThrow(/^The stored data was written by a newer version/);
  });

  it('connects anew when the browser has closed the connection', async () => {
    const connections: IDBDatabase[] = [];
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      connections.push(this);
      return realTransaction.apply(this, args);
    });
    await store.put('settings', [['a', 1]]);
    connections[0]?.close();
    await store.put('settings', [['b', 2]]);
    expect(await store.get('settings', ['a', 'b'])).toEqual([1, 2]);
    expect(new Set(connections).size).toBe(2);
  });

  it('refuses a Svelte proxy with a sentence for developers', async () => {
    const proxy: unknown = new Proxy({}, {});
    await expect(store.put('settings', [['a', proxy]])).rejects.toThrow('$state.snapshot');
    expect(await store.keys('settings')).toEqual([]);
  });

  it('reads 20,000 records in the order of the keys', async () => {
    const prompts = Array.from({ length: 5_000 }, (_, index) => examplePrompt(`p${index}`));
    const many = exampleRollouts(exampleRun({ prompts, temperatures: [0.8], samples: 4 })).map((rollout) => ({
      ...rollout,
      text: rollout.text.repeat(16),
    }));
    await store.put(
      'rollouts',
      many.map((rollout) => [rollout.key, rollout]),
    );
    const read = await store.get(
      'rollouts',
      many.map(({ key }) => key),
    );
    expect(read.every((record, index) => record?.key === many[index]?.key)).toBe(true);
    expect(read.length).toBe(20_000);
    // Few among many, and some that are not there: no reading of all that lies between.
    const some = many.filter((_, index) => index % 50 === 0).map(({ key }) => key);
    const asked = some.flatMap((key, index) => (index % 3 === 0 ? [`${key}x`, key] : [key]));
    const getAll = vi.spyOn(IDBObjectStore.prototype, 'getAll');
    const found = await store.get('rollouts', asked);
    expect(found.map((record) => record?.key)).toEqual(
      asked.map((key) => (key.endsWith('x') ? undefined : key)),
    );
    expect(getAll).not.toHaveBeenCalled();
    // Half of them: all that lie between are read at once.
    const half = many.filter((_, index) => index % 2 === 0).map(({ key }) => key);
    const halfRead = await store.get('rollouts', [...half, 'none']);
    expect(halfRead.map((record) => record?.key)).toEqual([...half, undefined]);
    expect(getAll).toHaveBeenCalled();
  }, 60_000);
});
