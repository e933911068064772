import { beforeEach, describe, expect, it } from 'vitest';
import { importRun } from './importRun.ts';
import { readRollouts, readVerdicts } from './storedRecords.ts';
import { exampleRollouts, exampleVerdict, failedRollout, rulesJudging } from './testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const run = exampleRun({ judgings: [rulesJudging] });
const rollouts = exampleRollouts(run);
const verdicts = rollouts.map(({ key }) => exampleVerdict(key));
const [first] = rollouts;
if (!first) throw new Error('no rollout');

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

async function stored() {
  const [found] = await store.get('runs', [run.id]);
  if (!found) throw new Error('no run');
  const answers = await readRollouts(store, found);
  return {
    run: found,
    rollouts: [...answers.values()],
    verdicts: await readVerdicts(store, found, answers.keys()),
  };
}

describe('importRun', () => {
  it('stores a new run as it is, and adds nothing the second time', async () => {
    const all = { rollouts: rollouts.length, verdicts: verdicts.length };
    expect(await importRun(store, { run, rollouts, verdicts })).toEqual({
      run,
      isNew: true,
      added: all,
      differing: 0,
    });
    expect(await stored()).toEqual({ run, rollouts, verdicts });
    const again = await importRun(store, { run, rollouts, verdicts });
    expect(again).toEqual({ run, isNew: false, added: { rollouts: 0, verdicts: 0 }, differing: 0 });
  });

  it('lets a run grow to hold both', async () => {
    await importRun(store, { run, rollouts: rollouts.slice(0, 4), verdicts: [] });
    const more = {
      ...run,
      samples: 5,
      models: [servedModel('two')],
      prompts: [examplePrompt('new')],
      judgings: [],
    };
    const theirs = exampleRollouts(more);
    await importRun(store, { run: more, rollouts: theirs, verdicts: [] });
    const now = await stored();
    expect(now.run.models.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(now.run.judgings).toEqual(run.judgings);
    expect(now.rollouts).toHaveLength(4 + theirs.length);
  });

  it('never puts a failed answer in place of a done one, but the other way round', async () => {
    const failed = failedRollout(first);
    await importRun(store, { run, rollouts: [failed], verdicts: [] });
    await importRun(store, { run, rollouts: [first], verdicts: [] });
    expect((await stored()).rollouts).toEqual([first]);
    await importRun(store, { run, rollouts: [failed], verdicts: [] });
    expect((await stored()).rollouts).toEqual([first]);
  });

  it('keeps a stored text, and takes no verdict that was on another one', async () => {
    await importRun(store, { run, rollouts: [first], verdicts: [] });
    const other = { ...first, text: 'Something else.' };
    const outcome = await importRun(store, { run, rollouts: [other], verdicts: verdicts.slice(0, 1) });
    expect(outcome).toMatchObject({ added: { rollouts: 0, verdicts: 0 }, differing: 1 });
    expect(await stored()).toEqual({ run, rollouts: [first], verdicts: [] });
  });

  it('refuses a run of the same id with other settings or prompts, and changes nothing', async () => {
    await importRun(store, { run, rollouts: [], verdicts: [] });
    const seeded = { ...run, seed: 7 };
    await expect(importRun(store, { run: seeded, rollouts: [], verdicts: [] })).rejects.toThrow('seed = 1');
    const reworded = { ...run, prompts: [examplePrompt('you', { text: 'Who are you?' })] };
    await expect(importRun(store, { run: reworded, rollouts: [], verdicts: [] })).rejects.toThrow(
      'with another text for identity/you.',
    );
    expect((await stored()).run).toEqual(run);
  });

  it.each(['run', 'judging'])(
    'refuses a run that is at work (%s), and lets go of its own locks',
    async (work) => {
      const release = await store.lock(`${work}:${run.id}`);
      const refused = importRun(store, { run, rollouts, verdicts });
      await expect(refused).rejects.toThrow(expect.objectContaining({ name: 'LockedError' }));
      expect(await store.keys('runs')).toEqual([]);
      release?.();
      expect((await importRun(store, { run, rollouts, verdicts })).isNew).toBe(true);
    },
  );

  it('passes a full store on, and lets go of its locks', async () => {
    store.failAs('full');
    await expect(importRun(store, { run, rollouts, verdicts })).rejects.toThrow('Storage is full.');
    store.failAs(null);
    expect(await store.lock(`run:${run.id}`)).not.toBeNull();
  });
});
