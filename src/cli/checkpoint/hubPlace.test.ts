import { mkdtemp, readdir, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeHub, type FakeRepository, type Fate, startFakeHub } from './fakeHub.ts';
import { type HubRequest, openHubPlace } from './hubPlace.ts';

const mib = 2 ** 20;
/** Two slices and a bit. */
const weights = new Uint8Array(70 * mib).map((_, index) => (index * 2654435761) >>> 13);
const config = new TextEncoder().encode('{"model_type":"llama"}');
const repository: FakeRepository = {
  name: 'someone/tiny',
  files: new Map([
    ['model.safetensors', weights],
    ['config.json', config],
    ['empty.txt', new Uint8Array(0)],
  ]),
};

let cacheFolder = '';
let hub: FakeHub;
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'otherself-hub-'));
  hub = await startFakeHub(repository);
});
afterEach(async () => {
  await hub.close();
  await rm(cacheFolder, { recursive: true, force: true });
});

const ask = (changes: Partial<HubRequest> = {}): HubRequest => ({
  ...{ name: repository.name, revision: 'main', token: undefined, hubUrl: hub.url, cacheFolder },
  ...{ signal: new AbortController().signal, retryDelayMs: 1 },
  ...changes,
});
const fateOf = (path: RegExp, ...fates: Fate[]) => hub.fates.push(...fates.map((fate) => ({ path, fate })));

async function fetchAll(changes: Partial<HubRequest> = {}) {
  const place = await openHubPlace(ask(changes));
  const progress: number[] = [];
  await place.fetch(place.names, (bytes, total) => progress.push(bytes / total));
  return { place, progress };
}

async function expectWhole() {
  const { place, progress } = await fetchAll();
  expect(progress.at(-1)).toBe(1);
  for (const [name, bytes] of repository.files)
    expect((await readFile(place.pathOf(name))).equals(bytes)).toBe(true);
  return place;
}

describe('openHubPlace', () => {
  it('fetches files by ranges at the commit of the revision', async () => {
    const place = await expectWhole();
    expect(place).toMatchObject({ id: 'someone/tiny', revision: hub.commit });
    const ranges = hub.requests.filter((line) => line.includes('model.safetensors'));
    expect(ranges).toEqual([
      `GET /someone/tiny/resolve/${hub.commit}/model.safetensors bytes=0-${32 * mib - 1}`,
      `GET /someone/tiny/resolve/${hub.commit}/model.safetensors bytes=${32 * mib}-${64 * mib - 1}`,
      `GET /someone/tiny/resolve/${hub.commit}/model.safetensors bytes=${64 * mib}-${70 * mib - 1}`,
    ]);
  });

  it('fetches nothing that is there', async () => {
    await expectWhole();
    const before = hub.requests.length;
    await expectWhole();
    expect(hub.requests.slice(before).filter((line) => line.includes('/resolve/'))).toEqual([]);
  });

  it('goes on after dropped connections and a busy hub', async () => {
    fateOf(/model\.safetensors/, { kind: 'drop', afterBytes: 5 * mib }, { kind: 'status', status: 503 });
    fateOf(/revision/, { kind: 'status', status: 429 });
    fateOf(/tree/, { kind: 'drop', afterBytes: 0 });
    await expectWhole();
  });

  it('goes on with what an earlier process left', async () => {
    const folder = join(cacheFolder, 'someone--tiny', hub.commit);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'model.safetensors.part'), weights.subarray(0, 50 * mib));
    await expectWhole();
    expect(hub.requests.filter((line) => line.includes('model.safetensors'))).toEqual([
      `GET /someone/tiny/resolve/${hub.commit}/model.safetensors bytes=${50 * mib}-${70 * mib - 1}`,
    ]);
  });

  it('fetches anew what an earlier process left broken', async () => {
    const folder = join(cacheFolder, 'someone--tiny', hub.commit);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'model.safetensors.part'), new Uint8Array(50 * mib));
    await expectWhole();
  });

  it('refuses bytes that are not what the hub lists', async () => {
    fateOf(/config\.json/, { kind: 'garble' }, { kind: 'garble' });
    await expect(fetchAll()).rejects.toThrow('config.json of someone/tiny does not have the hash');
    expect(await readdir(join(cacheFolder, 'someone--tiny', hub.commit))).not.toContain('config.json');
  });

  it('refuses a server that sends whole files for parts', async () => {
    fateOf(/model\.safetensors/, { kind: 'ignoreRange' });
    await expect(fetchAll()).rejects.toThrow('does not send parts of files');
  });

  it('sends the token, and says so where one is needed', async () => {
    await hub.close();
    hub = await startFakeHub({ ...repository, token: 'hf_secret' });
    await expect(fetchAll()).rejects.toThrow(
      'refuses someone/tiny: it is private or does not exist, or the token is wrong',
    );
    await expect(fetchAll({ token: 'hf_secret' })).resolves.toBeDefined();
  });

  it.each([
    [{ name: 'someone/else' }, 'has no model someone/else, and there is no such folder'],
    [{ revision: 'gone' }, 'someone/tiny has no such revision'],
  ])('names what there is not: %j', async (changes, sentence) => {
    await expect(fetchAll(changes)).rejects.toThrow(sentence);
  });

  it('says how to get a gated model', async () => {
    fateOf(/revision/, { kind: 'status', status: 401, code: 'GatedRepo' });
    await expect(fetchAll()).rejects.toThrow('someone/tiny is given out on request only');
  });

  it('says that there is no network, after a few tries', async () => {
    await hub.close();
    await expect(fetchAll()).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
  });

  it('stops at once when it is told to', async () => {
    const controller = new AbortController();
    const place = await openHubPlace(ask({ signal: controller.signal }));
    const work = place.fetch(place.names, () => controller.abort(new Error('stopped')));
    await expect(work).rejects.toThrow('stopped');
  });
});
