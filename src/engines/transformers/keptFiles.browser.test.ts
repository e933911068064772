import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import catalogue from '../../../models/catalogue.json';
import { type TransformersCard, parseCatalogue } from '../../core/model.ts';
import { fetchFile } from './fetchFiles.ts';
import { keptKeyOf } from './keptFiles.ts';
import { ModelFiles } from './modelFiles.ts';

const cards = parseCatalogue(catalogue).filter(
  (card): card is TransformersCard => card.engine === 'transformers',
);
const modelsUrl = new URL('/models/', location.href);
const path = 'smollm2-135m/config.json';
const url = new URL(path, modelsUrl);
const file = cards[0]?.files.find((each) => each.path === 'config.json') as TransformersCard['files'][number];
const key = keptKeyOf(url, file);
const nothing = () => undefined;

async function storedKeys(): Promise<string[]> {
  return (await (await caches.open('otherself-models')).keys()).map((request) => request.url);
}

beforeEach(() => caches.delete('otherself-models'));
afterEach(() => void vi.restoreAllMocks());

describe('the files of embedded models', () => {
  it('are kept once they were checked, in place of older ones, and need no network then', async () => {
    const cache = await caches.open('otherself-models');
    await cache.put(`${url.href}?sha256=older`, new Response('older'));
    const bytes = await fetchFile(url, file, nothing);
    expect(await storedKeys()).toEqual([key]);
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'));
    expect(await fetchFile(url, file, nothing)).toEqual(bytes);
  });

  it('are fetched again when what is kept is broken', async () => {
    const cache = await caches.open('otherself-models');
    await cache.put(key, new Response('x'.repeat(file.bytes)));
    const bytes = await fetchFile(url, file, nothing);
    expect(new Uint8Array(await (await cache.match(key))!.arrayBuffer())).toEqual(bytes);
  });

  it('are fetched once when two want them at once', async () => {
    const spy = vi.spyOn(globalThis, 'fetch');
    await Promise.all([fetchFile(url, file, nothing), fetchFile(url, file, nothing)]);
    expect(spy).toHaveBeenCalledOnce();
  });

  it('are listed once each, and the list tells what is here', async () => {
    const files = new ModelFiles(cards, modelsUrl);
    const listed = await files.list();
    expect(new Set(listed.map((each) => each.path)).size).toBe(listed.length);
    expect(listed.every(({ isStored }) => !isStored)).toBe(true);
    const wanted = listed.find((each) => each.path === path);
    if (wanted) await files.fetch(wanted);
    expect((await files.list()).filter(({ isStored }) => isStored).map((each) => each.path)).toEqual([path]);
  });
});
