import { describe, expect, it } from 'vitest';
import { importFile } from './importFile.ts';
import { writeRunFile } from './runFile.ts';
import { exampleRunFile } from './testing/exampleRunFile.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' };
const text = [...writeRunFile(exampleRunFile(), origin)].join('');
const source = (content: string) => ({ name: 'a.jsonl', text: async () => content });

describe('importFile', () => {
  it('stores a run file and tells how much of it was read', async () => {
    const store = new MemoryStore();
    const parts: number[] = [];
    const outcome = await importFile(store, 'run', source(text), { onProgress: (part) => parts.push(part) });
    expect(outcome.isNew).toBe(true);
    expect(await store.keys('runs')).toEqual([exampleRunFile().run.id]);
    expect(parts[0]).toBe(0);
    expect(parts.at(-1)).toBe(1);
  });

  it('stores nothing of a file that was cut, is of the other kind, or cannot be read', async () => {
    const store = new MemoryStore();
    await expect(importFile(store, 'run', source(text.slice(0, -5)))).rejects.toThrow(/a\.jsonl was cut/);
    await expect(importFile(store, 'device', source(text))).rejects.toThrow(/import it on the page Run/);
    const gone = {
      name: 'a.jsonl',
      text: () => Promise.reject(new DOMException('gone', 'NotReadableError')),
    };
    await expect(importFile(store, 'run', gone)).rejects.toThrow(/a\.jsonl could not be read/);
    expect(await store.keys('runs')).toEqual([]);
  });
});
