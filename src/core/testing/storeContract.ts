import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../ports/store.ts';
import type { Rollout } from '../rollout.ts';
import { exampleRollouts, exampleVerdict } from './exampleRecords.ts';
import { examplePrompt, exampleRun } from './exampleRun.ts';

/** An empty store to test. */
export interface StoreFixture {
  readonly store: Store;
  /** The same records seen by another tab or process. */
  readonly openAgain: () => Promise<Store>;
  readonly remove?: () => Promise<void>;
}

/** What every store has to do. */
export function describeStore(name: string, makeStore: () => Promise<StoreFixture>): void {
  describe(name, () => {
    let fixture: StoreFixture;
    let store: Store;
    beforeEach(async () => {
      fixture = await makeStore();
      ({ store } = fixture);
    });
    afterEach(() => fixture.remove?.());
    describeRecords(() => store);
    describeSharing(
      () => store,
      () => fixture.openAgain(),
    );
  });
}

const rollouts = exampleRollouts(exampleRun());
const [first, second, third] = rollouts as [Rollout, Rollout, Rollout];

function entriesOf(records: readonly Rollout[]): [string, Rollout][] {
  return records.map((record) => [record.key, record]);
}

function describeRecords(storeOf: () => Store): void {
  it('is empty at first', async () => {
    expect(await storeOf().keys('rollouts')).toEqual([]);
    expect(await storeOf().get('rollouts', [first.key])).toEqual([undefined]);
    expect(await storeOf().get('rollouts', [])).toEqual([]);
    expect(await storeOf().all('rollouts')).toEqual([]);
    expect(await storeOf().count('rollouts')).toBe(0);
  });

  it('gives and counts all records, as it gives their keys', async () => {
    await storeOf().put('rollouts', entriesOf(rollouts));
    const keys = await storeOf().keys('rollouts');
    expect(await storeOf().all('rollouts')).toEqual(await storeOf().get('rollouts', keys));
    expect(await storeOf().count('rollouts')).toBe(rollouts.length);
    const names = ['', '/', '0', '9', 'A', 'a', 'e', 'f', 'ff', 'z', '~', 'ÿ', '猫'];
    await storeOf().put(
      'settings',
      names.map((name) => [name, `is ${name}`]),
    );
    const settings = await storeOf().keys('settings');
    expect(new Set(settings)).toEqual(new Set(names));
    expect(await storeOf().all('settings')).toEqual(settings.map((name) => `is ${name}`));
    expect(await storeOf().count('settings')).toBe(names.length);
  });

  it('gives records in the order of the keys, undefined where there is none, and again when asked twice', async () => {
    await storeOf().put('rollouts', entriesOf([first, second]));
    const keys = [second.key, third.key, first.key, second.key];
    expect(await storeOf().get('rollouts', keys)).toEqual([second, undefined, first, second]);
  });

  it('replaces a record, the last one of a put included', async () => {
    const older = { ...first, text: 'older' } as Rollout;
    await storeOf().put('rollouts', entriesOf([older]));
    await storeOf().put('rollouts', entriesOf([first]));
    expect(await storeOf().get('rollouts', [first.key])).toEqual([first]);
    await storeOf().put('rollouts', entriesOf([first, older]));
    expect(await storeOf().get('rollouts', [first.key])).toEqual([older]);
    expect(await storeOf().keys('rollouts')).toEqual([first.key]);
  });

  it('writes all records of a put or none', async () => {
    await storeOf().put('settings', [['kept', 1]]);
    const broken = { text: () => 'a function is not data' };
    const put = storeOf().put('settings', [
      ['kept', 2],
      ['new', 3],
      ['broken', broken.text],
    ]);
    await expect(put).rejects.toThrow(expect.objectContaining({ name: 'StoreError' }));
    expect(await storeOf().get('settings', ['kept', 'new', 'broken'])).toEqual([1, undefined, undefined]);
    expect(await storeOf().keys('settings')).toEqual(['kept']);
  });

  it('keeps collections apart', async () => {
    const verdict = exampleVerdict(first.key);
    await storeOf().put('rollouts', entriesOf([first]));
    await storeOf().put('verdicts', [[verdict.key, verdict]]);
    expect(await storeOf().keys('rollouts')).toEqual([first.key]);
    expect(await storeOf().keys('verdicts')).toEqual([verdict.key]);
    expect(await storeOf().get('verdicts', [verdict.key, first.key])).toEqual([verdict, undefined]);
  });

  it('stores a run and its extension', async () => {
    const run = exampleRun();
    const longer = { ...run, samples: 9 };
    await storeOf().put('runs', [[run.id, run]]);
    await storeOf().put('runs', [[run.id, longer]]);
    expect(await storeOf().keys('runs')).toEqual([run.id]);
    expect(await storeOf().get('runs', [run.id])).toEqual([longer]);
  });

  it('deletes what it is told to, and nothing else', async () => {
    await storeOf().put('rollouts', entriesOf([first, second, third]));
    await storeOf().delete('rollouts', [first.key, third.key, 'not there']);
    expect(await storeOf().keys('rollouts')).toEqual([second.key]);
    await storeOf().put('rollouts', entriesOf([first]));
    expect(await storeOf().get('rollouts', [first.key, second.key])).toEqual([first, second]);
  });

  it('gives structured values and every character back as they were', async () => {
    const settings = {
      empty: '',
      lines: 'one\ntwo\r\nthree\u2028four\u0000five\t"six"\\',
      unicode: '猫 🐈‍⬛ ñ ǅ \ud800 \u202e',
      nested: { list: [1, -0.5, 1e-300, null, true, [], {}], '': { deep: [[['x']]] } },
      zero: 0,
      no: false,
      none: null,
    };
    for (const [key, value] of Object.entries(settings)) await storeOf().put('settings', [[key, value]]);
    expect(await storeOf().get('settings', Object.keys(settings))).toEqual(Object.values(settings));
  });

  it('shares no object with its callers', async () => {
    const settings = { list: [1] };
    await storeOf().put('settings', [['a', settings]]);
    settings.list.push(2);
    const [read] = (await storeOf().get('settings', ['a'])) as [{ list: number[] }];
    read.list.push(3);
    expect(await storeOf().get('settings', ['a'])).toEqual([{ list: [1] }]);
  });

  it('takes 5,000 records at once, and writes that overlap', async () => {
    const prompts = Array.from({ length: 5_000 }, (_, index) => examplePrompt(`p${index}`));
    const many = exampleRollouts(exampleRun({ prompts, temperatures: [0] }));
    await storeOf().put('rollouts', entriesOf(many));
    expect((await storeOf().keys('rollouts')).length).toBe(5_000);
    const keys = many.map(({ key }) => key);
    expect(await storeOf().get('rollouts', keys)).toEqual(many);
    await Promise.all(rollouts.map((rollout) => storeOf().put('rollouts', entriesOf([rollout]))));
    expect(
      await storeOf().get(
        'rollouts',
        rollouts.map(({ key }) => key),
      ),
    ).toEqual(rollouts);
  }, 30_000);
}

function describeSharing(storeOf: () => Store, openAgain: () => Promise<Store>): void {
  it('shows its records to another tab or process, and those written later', async () => {
    await storeOf().put('rollouts', entriesOf([first]));
    const other = await openAgain();
    expect(await other.get('rollouts', [first.key])).toEqual([first]);
    await storeOf().put('rollouts', entriesOf([second]));
    expect(await other.get('rollouts', [second.key])).toEqual([second]);
    await storeOf().delete('rollouts', [first.key]);
    expect(await other.keys('rollouts')).toEqual([second.key]);
  });

  it('gives a lock to one at a time, and to the next when it is released', async () => {
    const other = await openAgain();
    const release = await storeOf().lock('run:1');
    expect(release).not.toBeNull();
    expect(await other.lock('run:1')).toBeNull();
    expect(await storeOf().lock('run:1')).toBeNull();
    release?.();
    const released = await waitForLock(other, 'run:1');
    release?.();
    expect(await storeOf().lock('run:1')).toBeNull();
    released();
  });

  it('holds locks of different names apart', async () => {
    const one = await storeOf().lock('run:1/a');
    const other = await storeOf().lock('run:1?a');
    expect([one, other]).not.toContain(null);
    one?.();
    other?.();
  });

  it('says how much is used, or that it cannot tell', async () => {
    const { usedBytes, quotaBytes } = await storeOf().usage();
    expect(usedBytes ?? 0).toBeGreaterThanOrEqual(0);
    expect(quotaBytes ?? 1).toBeGreaterThan(usedBytes ?? 0);
  });
}

/** A release may take effect a moment later. */
async function waitForLock(store: Store, name: string): Promise<() => void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const release = await store.lock(name);
    if (release) return release;
  }
  throw new Error(`The lock ${name} was not released.`);
}
