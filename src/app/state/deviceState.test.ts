import { beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import * as library from '../../suites/index.ts';
import { KeysState } from './keysState.svelte.ts';
import { ModelsState } from './modelsState.svelte.ts';
import { SettingsState, defaultSettings } from './settingsState.svelte.ts';
import { StorageState } from './storageState.svelte.ts';
import { SuitesState } from './suitesState.svelte.ts';

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

describe('settings', () => {
  it('are there again after a reload', async () => {
    const settings = new SettingsState(store);
    await settings.setAppearance('dark');
    await settings.setJudge({ model: 'gpt-5.4-mini', budget: 2.5 });
    await settings.setChat({ seed: 4 });
    const reloaded = new SettingsState(store);
    await reloaded.load();
    expect(reloaded.appearance).toBe('dark');
    expect(reloaded.judge).toEqual({ ...defaultSettings.judge, model: 'gpt-5.4-mini', budget: 2.5 });
    expect(reloaded.chat.seed).toBe(4);
  });

  it('leave out what is stored in an unknown form', async () => {
    await store.put('settings', [
      ['appearance', 'plaid'],
      ['judge', { concurrency: 'many', model: 7, budget: '3', extra: 1 }],
      ['chat', null],
    ]);
    const settings = new SettingsState(store);
    await settings.load();
    expect(settings.appearance).toBe('system');
    expect(settings.judge).toEqual(defaultSettings.judge);
    expect(settings.chat).toEqual(defaultSettings.chat);
  });
});

describe('API keys', () => {
  const url = 'https://api.example.org/v1';

  it('stay in memory unless the user ticks otherwise', async () => {
    const keys = new KeysState(store);
    await keys.set(url, 'secret', { remember: false });
    expect(keys.keyFor(`${url}/`)).toBe('secret');
    expect(await store.keys('settings')).toEqual([]);
    await keys.set(url, 'secret', { remember: true });
    const reloaded = new KeysState(store);
    await reloaded.load();
    expect([reloaded.keyFor(url), reloaded.isRemembered(url)]).toEqual(['secret', true]);
  });

  it('leave the device once they are unticked or emptied', async () => {
    const keys = new KeysState(store);
    await keys.set(url, 'secret', { remember: true });
    await keys.set(url, 'secret', { remember: false });
    expect(keys.keyFor(url)).toBe('secret');
    const reloaded = new KeysState(store);
    await reloaded.load();
    expect(reloaded.keyFor(url)).toBeUndefined();
    await keys.set(url, '', { remember: true });
    expect([keys.keyFor(url), keys.isRemembered(url)]).toEqual([undefined, false]);
  });

  it('belong to one address', async () => {
    const keys = new KeysState(store);
    await keys.set(url, 'secret', { remember: false });
    expect(keys.keyFor('https://api.example.org.evil.test/v1')).toBeUndefined();
  });

  it('are in no export', async () => {
    await new KeysState(store).set(url, 'secret-key', { remember: true });
    await new SettingsState(store).setAppearance('dark');
    await store.put('models', [['m', servedModel('m')]]);
    const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself' };
    const text = await (await new StorageState(store, async () => true).exportAll(origin)).text();
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { format: 'otherself-device', version: 1, ...origin },
      { collection: 'models', key: 'm', record: servedModel('m') },
      { collection: 'settings', key: 'appearance', record: 'dark' },
      { type: 'end', counts: { records: 2 }, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(text).not.toContain('secret-key');
  });
});

describe('the device', () => {
  it('is empty after everything was deleted', async () => {
    await new KeysState(store).set('https://x.test', 'secret', { remember: true });
    await store.put('models', [['m', servedModel('m')]]);
    await new StorageState(store, async () => true).deleteAll();
    expect([await store.keys('settings'), await store.keys('models')]).toEqual([[], []]);
  });
});

describe('the models', () => {
  const base = servedModel('mini-base');
  const served = {
    name: 'Maria 7B',
    baseUrl: 'http://127.0.0.1:8000/v1/',
    model: 'maria',
    concurrency: 8,
    voice: 'maria',
  } as const;

  it('are the catalogue and the user’s own, which come back', async () => {
    const models = new ModelsState([base], store);
    await models.keep(models.draft(served));
    const reloaded = new ModelsState([base], store);
    await reloaded.load();
    expect(reloaded.all.map(({ id }) => id)).toEqual(['mini-base', 'maria-7b']);
    const own = reloaded.find('maria-7b') as ModelCard;
    expect(own).toMatchObject({ engine: 'openai', baseUrl: 'http://127.0.0.1:8000/v1', voice: 'maria' });
    expect([reloaded.isOwn(own), reloaded.isOwn(base)]).toEqual([true, false]);
    await reloaded.remove(own);
    expect(await store.keys('models')).toEqual([]);
  });

  it('never share an id', async () => {
    const models = new ModelsState([base], store);
    expect(models.draft({ ...served, name: 'Mini base' }).id).toBe('mini-base-2');
    expect(models.draft({ ...served, name: '模型' }).id).toBe('served');
  });

  it.each([
    [{ baseUrl: 'ftp://x' }, 'base URL'],
    [{ baseUrl: '' }, 'base URL'],
    [{ model: ' ' }, 'name that the server knows'],
    [{ name: ' ' }, 'name to show'],
    [{ concurrency: 0 }, 'Requests at once'],
  ])('say what is wrong with %o', (wrong, words) => {
    const draft = () => new ModelsState([], store).draft({ ...served, ...wrong });
    expect(draft).toThrow(InputError);
    expect(draft).toThrow(words);
  });
});

describe('the suites', () => {
  const csv = 'id,category,text\na,direct,Are you there?\n';
  const json = (version: number, id = 'mine') =>
    JSON.stringify({
      ...{
        id,
        version,
        title: 'Mine',
        description: '',
        kind: 'custom',
        categories: [{ id: 'direct', title: 'Direct' }],
      },
      prompts: [{ id: 'a', category: 'direct', text: 'Are you there?' }],
    });
  const suites = () => new SuitesState(async () => library, store);

  it('offer the eight questions of the post', async () => {
    const state = suites();
    expect(state.postQuestions).toEqual([]);
    await state.load();
    expect(state.postQuestions).toHaveLength(8);
    expect(state.postQuestions).toContain('What are you?');
  });

  it('take files, newer versions in place of older ones', async () => {
    const state = suites();
    await state.add(new File([csv], 'extra.csv'));
    await state.add(new File([json(1)], 'mine.json'));
    await expect(state.add(new File([json(1)], 'mine.json'))).rejects.toThrow('already have version 1');
    await state.add(new File([json(2)], 'mine.json'));
    const reloaded = suites();
    await reloaded.load();
    expect(reloaded.own.map(({ id, version }) => [id, version])).toEqual(
      expect.arrayContaining([['mine', 2]]),
    );
    expect(reloaded.own).toHaveLength(2);
    await reloaded.remove('mine');
    expect(reloaded.own).toHaveLength(1);
  });

  it('show the built-in one where a stored one has its id, as after an import or an update', async () => {
    const [builtIn] = library.suites;
    if (!builtIn) throw new Error('There is no built-in suite.');
    const state = suites();
    await state.load();
    await store.put('suites', [[builtIn.id, { ...builtIn, title: 'Another' }]]);
    await state.readAgain();
    expect(state.all).toEqual(library.suites);
  });

  it('refuse a bad file and one that would hide a built-in suite', async () => {
    const state = suites();
    await expect(state.add(new File(['{"id": 3}'], 'bad.json'))).rejects.toThrow('bad.json, line 1');
    await expect(state.add(new File([json(9, 'identity')], 'x.json'))).rejects.toThrow('built-in');
    expect(await store.keys('suites')).toEqual([]);
  });
});
