import { beforeEach, describe, expect, it } from 'vitest';
import type { Belief } from './belief.ts';
import { importRun } from './importRun.ts';
import { planBeliefs } from './planBeliefs.ts';
import type { RunFile } from './runFile.ts';
import { readRecords, readRollouts, readVerdicts } from './storedRecords.ts';
import { exampleBelief, exampleBeliefSet } from './testing/exampleBelief.ts';
import { exampleRollouts, exampleVerdict, failedRollout, rulesJudging } from './testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const run = exampleRun({ judgings: [rulesJudging] });
const rollouts = exampleRollouts(run);
const verdicts = rollouts.map(({ key }) => exampleVerdict(key));
const beliefs = planBeliefs(run, exampleBeliefSet, []).map((spec) => exampleBelief(spec, [-1, -2]));
const [first] = rollouts;
if (!first) throw new Error('no rollout');

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

const take = (file: Partial<RunFile>) =>
  importRun(store, { run, rollouts: [], verdicts: [], beliefs: [], ...file });

async function stored() {
  const [found] = await store.get('runs', [run.id]);
  if (!found) throw new Error('no run');
  const answers = await readRollouts(store, found);
  return {
    run: found,
    rollouts: [...answers.values()],
    verdicts: await readVerdicts(store, found, answers.keys()),
    beliefs: [...(await readRecords(store, 'beliefs', await store.keys('beliefs'))).values()],
  };
}

describe('importRun', () => {
  it('stores a new run as it is, and adds nothing the second time', async () => {
    const all = { rollouts: rollouts.length, verdicts: verdicts.length, beliefs: beliefs.length };
    expect(await take({ rollouts, verdicts, beliefs })).toEqual({
      run,
      isNew: true,
      added: all,
      differing: 0,
    });
    expect(await stored()).toEqual({ run, rollouts, verdicts, beliefs });
    const again = await take({ rollouts, verdicts, beliefs });
    expect(again).toEqual({
      run,
      isNew: false,
      added: { rollouts: 0, verdicts: 0, beliefs: 0 },
      differing: 0,
    });
  });

  it('lets a run grow to hold both', async () => {
    await take({ rollouts: rollouts.slice(0, 4) });
    const more = {
      ...run,
      samples: 5,
      models: [servedModel('two')],
      prompts: [examplePrompt('new')],
      judgings: [],
    };
    const theirs = exampleRollouts(more);
    await take({ run: more, rollouts: theirs });
    const now = await stored();
    expect(now.run.models.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(now.run.judgings).toEqual(run.judgings);
    expect(now.rollouts).toHaveLength(4 + theirs.length);
  });

  it('never puts a failed answer in place of a done one, but the other way round', async () => {
    const failed = failedRollout(first);
    await take({ rollouts: [failed] });
    await take({ rollouts: [first] });
    expect((await stored()).rollouts).toEqual([first]);
    await take({ rollouts: [failed] });
    expect((await stored()).rollouts).toEqual([first]);
  });

  it('never puts a failed forced answer in place of a done one, but the other way round', async () => {
    const [done] = beliefs;
    if (!done) throw new Error('no belief');
    const { scores, engine, ...common } = done;
    const failed: Belief = { ...common, status: 'failed', error: 'The server is gone.' };
    for (const one of [failed, done, failed]) await take({ beliefs: [one] });
    expect((await stored()).beliefs).toEqual([done]);
  });

  it('keeps a stored text, and takes no verdict that was on another one', async () => {
    await take({ rollouts: [first] });
    const other = { ...first, text: 'Something else.' };
    const outcome = await take({ rollouts: [other], verdicts: verdicts.slice(0, 1) });
    expect(outcome).toMatchObject({ added: { rollouts: 0, verdicts: 0, beliefs: 0 }, differing: 1 });
    expect(await stored()).toEqual({ run, rollouts: [first], verdicts: [], beliefs: [] });
  });

  it('refuses a run of the same id with other settings or prompts, and changes nothing', async () => {
    await take({});
    const seeded = { ...run, seed: 7 };
    await expect(take({ run: seeded })).rejects.toThrow('seed = 1');
    const reworded = { ...run, prompts: [examplePrompt('you', { text: 'Who are you?' })] };
    await expect(take({ run: reworded })).rejects.toThrow('with another text for identity/you.');
    expect((await stored()).run).toEqual(run);
  });

  it.each(['run', 'judging'])(
    'refuses a run that is at work (%s), and lets go of its own locks',
    async (work) => {
      const release = await store.lock(`${work}:${run.id}`);
      const refused = take({ rollouts, verdicts });
      await expect(refused).rejects.toThrow(expect.objectContaining({ name: 'LockedError' }));
      expect(await store.keys('runs')).toEqual([]);
      release?.();
      expect((await take({ rollouts, verdicts })).isNew).toBe(true);
    },
  );

  it('passes a full store on, and lets go of its locks', async () => {
    store.failAs('full');
    await expect(take({ rollouts, verdicts })).rejects.toThrow('Storage is full.');
    store.failAs(null);
    expect(await store.lock(`run:${run.id}`)).not.toBeNull();
  });
});
