import { describe, expect, it } from 'vitest';
import { MemoryStore } from './memoryStore.ts';
import { describeStore } from './storeContract.ts';

describeStore('MemoryStore', async () => {
  const store = new MemoryStore();
  return { store, openAgain: async () => store };
});

describe('a MemoryStore with a fault', () => {
  it('refuses writes when full, and keeps what it has', async () => {
    const store = new MemoryStore();
    await store.put('settings', [['a', 1]]);
    store.failAs('full');
    await expect(store.put('settings', [['a', 2]])).rejects.toThrow('Storage is full.');
    expect(await store.get('settings', ['a'])).toEqual([1]);
    await store.delete('settings', ['a']);
    store.failAs(null);
    await store.put('settings', [['b', 2]]);
    expect(await store.keys('settings')).toEqual(['b']);
  });

  it('refuses everything when blocked', async () => {
    const store = new MemoryStore();
    store.failAs('blocked');
    await expect(store.get('settings', ['a'])).rejects.toThrow('Storage is blocked.');
    await expect(store.lock('a')).rejects.toThrow('Storage is blocked.');
  });
});
