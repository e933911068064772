import { beforeEach, describe, expect, it } from 'vitest';
import { dialled } from '../../core/dial.ts';
import { LockedError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import { planTalk, runOfTalk } from '../../core/talk.ts';
import { exampleRollouts } from '../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../../core/testing/exampleRun.ts';
import { dialModel, exampleTalk } from '../../core/testing/exampleTalk.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { RecordedEngine } from '../../engines/recorded/recordedEngine.ts';
import { RunState } from './runState.svelte.ts';
import { TalksState } from './talksState.svelte.ts';

const card = dialModel();
let nowMs: number;
let store: MemoryStore;
let models: readonly ModelCard[];
let talks: TalksState;

beforeEach(() => {
  nowMs = Date.parse('2026-11-28T12:00:00Z');
  store = new MemoryStore();
  models = [card];
  talks = talksOf();
});

function ports() {
  const clock = { now: () => (nowMs += 1_000) };
  const engine = new ScriptedEngine();
  return { store, clock, openEngine: async () => engine };
}

function talksOf(): TalksState {
  return new TalksState({
    ...ports(),
    openRecorded: (find) => new RecordedEngine({ find, clock: { now: () => 0 } }),
    findModel: (id) => models.find((model) => model.id === id),
    postPrompts: async () => [examplePrompt('you'), examplePrompt('day')],
    voices: () => [...models],
  });
}

const keysOf = (talk = exampleTalk()) => planTalk(talk).map(({ key }) => key);

describe('the talks', () => {
  it('begin with one, made once', async () => {
    await talks.load();
    const [talk] = talks.all;
    expect(talk).toMatchObject({ samples: 8, temperature: 0.8, models: [card] });
    expect(talk?.prompts.map(({ promptId }) => promptId)).toEqual(['you', 'day']);
    const again = talksOf();
    await again.load();
    expect(again.all).toEqual(talks.all);
    // What was made of it elsewhere is later.
    nowMs += 1_000;
    expect(talk!.updatedAt < new Date(nowMs).toISOString()).toBe(true);
  });

  it('are kept when they change, with the time of it', async () => {
    await talks.load();
    const second = await talks.create();
    await talks.keep({ ...second, title: 'Second' });
    const [first] = talks.all;
    expect(first?.title).toBe('Second');
    expect(first!.updatedAt > first!.createdAt).toBe(true);
    expect(await store.get('talks', [second.id])).toEqual([first]);
    expect(talks.all).toHaveLength(2);
  });

  it('are as changed at once, so that the second key of a number is typed behind the first', async () => {
    await talks.load();
    const [talk] = talks.all;
    const first = talks.keep({ ...talk!, maxTokens: 8 });
    expect(talks.all[0]?.maxTokens).toBe(8);
    const second = talks.keep({ ...talks.all[0]!, maxTokens: 80 });
    await Promise.all([first, second]);
    expect(await store.get('talks', [talk!.id])).toEqual(talks.all);
    expect(talks.all[0]?.maxTokens).toBe(80);
  });

  it('have the voices of this device, and as recorded where it has them no more', async () => {
    const talk = exampleTalk();
    await store.put('talks', [[talk.id, talk]]);
    models = [{ ...card, name: 'Renamed' }];
    await talks.load();
    expect(talks.find(talk.id)?.models.map(({ name }) => name)).toEqual(['Renamed', talk.models[1]?.name]);
  });

  it('are recorded, which is counted', async () => {
    const talk = exampleTalk();
    await store.put('talks', [[talk.id, talk]]);
    await talks.load();
    await talks.count(talk.id);
    expect(talks.recording(talk.id).counts).toEqual({ total: 12, done: 0, failed: 0 });
    await talks.record(talk.id);
    expect(talks.recording(talk.id).isComplete).toBe(true);
    expect((await store.keys('rollouts')).sort()).toEqual(keysOf(talk).sort());
    expect((await talks.file(talk)).rollouts).toHaveLength(12);
    await talks.keep({ ...talk, samples: 4 });
    expect(talks.recording(talk.id).counts).toEqual({ total: 16, done: 12, failed: 0 });
  });

  it('are deleted with the recordings that nothing else holds', async () => {
    const talk = exampleTalk();
    const other = { ...talk, id: 'talk-2', prompts: talk.prompts.slice(0, 1) };
    await store.put('talks', [
      [talk.id, talk],
      [other.id, other],
    ]);
    await store.put(
      'rollouts',
      exampleRollouts(runOfTalk(talk)).map((rollout) => [rollout.key, rollout]),
    );
    await talks.load();
    const release = await store.lock(`run:${runOfTalk(talk).id}`);
    await expect(talks.remove(talk.id)).rejects.toThrow(LockedError);
    release?.();
    await talks.remove(talk.id);
    expect((await store.keys('rollouts')).sort()).toEqual(keysOf(other).sort());
    expect(talks.all.map(({ id }) => id)).toEqual(['talk-2']);
  });

  it('export, keep and delete what was said at other positions of the dial too', async () => {
    const talk = exampleTalk();
    const [moved] = exampleRollouts(runOfTalk(talk, [dialled(talk.models[0]!, 0.75)]));
    const alike = { ...talk, id: 'talk-2' };
    await store.put('talks', [
      [talk.id, talk],
      [alike.id, alike],
    ]);
    await store.put('rollouts', [[moved!.key, moved!]]);
    await talks.load();
    expect((await talks.file(talk)).rollouts).toEqual([moved]);
    await talks.remove(alike.id);
    expect(await store.keys('rollouts')).toEqual([moved!.key]);
    await talks.remove(talk.id);
    expect(await store.keys('rollouts')).toEqual([]);
  });

  it('keep their recordings when a run that shares them is deleted', async () => {
    const talk = exampleTalk();
    const { temperature, samples, topP, maxTokens, seed, system } = talk;
    const same = { temperatures: [temperature, 0], samples, topP, maxTokens, seed, system };
    const run = exampleRun({ models: talk.models, prompts: talk.prompts, ...same });
    await store.put('talks', [[talk.id, talk]]);
    await store.put('runs', [[run.id, run]]);
    const rollouts = exampleRollouts(run);
    await store.put(
      'rollouts',
      rollouts.map((rollout) => [rollout.key, rollout]),
    );
    const runs = new RunState({
      ...ports(),
      ...{ isOnline: () => true, untilOnline: async () => undefined, roughJudges: async () => [] },
      planBeliefs: async () => [],
    });
    await runs.load();
    await runs.remove(run.id);
    expect(rollouts.length).toBeGreaterThan(12);
    expect((await store.keys('rollouts')).sort()).toEqual(keysOf(talk).sort());
  });
});
