import { beforeEach, describe, expect, it } from 'vitest';
import { dialled } from '../../core/dial.ts';
import { importFile } from '../../core/importFile.ts';
import { planTalk, runOfTalk } from '../../core/talk.ts';
import { writeTalkFile } from '../../core/talkFile.ts';
import { exampleRollouts } from '../../core/testing/exampleRecords.ts';
import { dialModel, exampleTalk } from '../../core/testing/exampleTalk.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { RecordedEngine } from '../../engines/recorded/recordedEngine.ts';
import { StageState } from './stageState.svelte.ts';

const talk = exampleTalk();
const [persona, base] = talk.models;
const clock = { now: () => 0 };
let stage: StageState;
beforeEach(() => (stage = stageOf()));

function stageOf(of = talk, store = new MemoryStore()): StageState {
  const engine = new ScriptedEngine();
  return new StageState(of, {
    ...{ store, clock, openEngine: async () => engine },
    openRecorded: (find) => new RecordedEngine({ find, clock, sleep: async () => undefined }),
  });
}

const keys = () => stage.turn.answers.map(({ spec }) => spec.key);
const planned = planTalk(talk);

describe('the stage', () => {
  it('begins with the first question and the first voice', () => {
    expect([stage.place, stage.question, stage.mode, stage.voice]).toEqual([
      0,
      'What about cat?',
      'one',
      persona,
    ]);
    expect(keys()).toEqual([planned[0]?.key]);
  });

  it('goes from question to question, and not beyond them', () => {
    stage.choose(1);
    expect([stage.question, stage.turn.answers[0]?.spec.prompt.promptId]).toEqual([
      'Are you there?',
      'own-1',
    ]);
    for (const place of [-1, 2, 8]) stage.choose(place);
    expect(stage.place).toBe(1);
  });

  it('asks what the rehearsal asks: one, a persona beside its base with the same seed, or all samples', () => {
    stage.toggleMode('beside');
    expect(stage.voices).toEqual([persona, base]);
    const [one, other] = stage.turn.answers;
    expect(one?.spec.request.seed).toBe(other?.spec.request.seed);
    expect(planned.map(({ key }) => key)).toEqual(expect.arrayContaining(keys()));
    stage.toggleMode('eight');
    expect(keys()).toEqual(planned.slice(0, 3).map(({ key }) => key));
    stage.toggleMode('eight');
    expect([stage.mode, keys()]).toEqual(['one', [planned[0]?.key]]);
  });

  it('goes through the voices, and back to one from beside', () => {
    stage.cycleVoice();
    expect(stage.voice).toEqual(base);
    stage.toggleMode('beside');
    expect(stage.voices).toEqual([persona, base]);
    stage.cycleVoice();
    expect([stage.mode, stage.voice]).toEqual(['one', base]);
    stage.cycleVoice();
    expect(stage.voice).toEqual(persona);
  });

  it('turns the dial of a voice that has one, between the base and its end', () => {
    stage.turnDial(-1);
    expect([stage.dial, stage.voice]).toEqual([0.75, dialled(dialModel(), 0.75)]);
    stage.toggleMode('beside');
    expect(stage.voices.map(({ id }) => id)).toEqual(['someone@0.75', 'someone@0']);
    for (let turn = 0; turn < 9; turn += 1) stage.turnDial(1);
    expect(stage.dial).toBe(1.5);
    stage.toggleMode('one');
    stage.cycleVoice();
    expect(stage.hasDial).toBe(false);
    stage.turnDial(-1);
    expect(stage.dial).toBe(1.5);
  });

  it('says again what a talk file brings of another position of the dial', async () => {
    const rollouts = exampleRollouts(runOfTalk(talk, [dialled(persona!, 0.75)]));
    const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself' };
    const text = [...writeTalkFile({ talk, rollouts }, origin)].join('');
    const store = new MemoryStore();
    await importFile(store, 'talk', { name: 'a.jsonl', text: async () => text });
    stage = stageOf(talk, store);
    stage.turnDial(-1);
    await stage.turn.replay();
    expect(stage.turn.answers.map(({ text: said, source }) => [said, source])).toEqual([
      [rollouts[0]?.status === 'done' && rollouts[0].text, 'recorded'],
    ]);
  });

  it('has no beside where there is no base', () => {
    stage = stageOf({ ...talk, models: [{ ...dialled(dialModel(), 0), id: 'alone' }] });
    stage.toggleMode('beside');
    expect([stage.canBeside, stage.mode]).toEqual([false, 'one']);
  });

  it('shows again what was answered before', async () => {
    stage.toggle();
    const { turn } = stage;
    while (turn.isBusy) await Promise.resolve();
    const text = turn.answers[0]?.shown;
    expect(text).not.toBe('');
    stage.choose(1);
    expect(stage.turn.answers[0]?.shown).toBe('');
    stage.choose(0);
    expect(stage.turn.answers[0]?.shown).toBe(text);
  });

  it('stops what is being said when something else is chosen', () => {
    stage.toggle();
    const { turn } = stage;
    expect(turn.isBusy).toBe(true);
    stage.choose(1);
    expect(turn.isBusy).toBe(false);
    stage.toggle();
    const { turn: second } = stage;
    stage.toggle();
    expect(second.isBusy).toBe(false);
  });
});
