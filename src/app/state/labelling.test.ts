import { beforeEach, describe, expect, it } from 'vitest';
import { exampleRollouts, failedRollout } from '../../core/testing/exampleRecords.ts';
import { exampleRubric } from '../../core/testing/exampleRubric.ts';
import { examplePrompt, exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { type Verdict, verdictKey, verdictSchema } from '../../core/verdict.ts';
import { Labelling } from './labelling.svelte.ts';

const run = exampleRun({
  models: [servedModel('one'), servedModel('two')],
  prompts: Array.from({ length: 6 }, (_, index) => examplePrompt(`p${index}`)),
});
const rollouts = exampleRollouts(run);
const clock = { now: () => Date.UTC(2026, 10, 28) };
const choice = { name: ' Ada ', rubric: exampleRubric, signals: ['aiSelfReference', 'refuses'], count: 10 };
let store: MemoryStore;

beforeEach(async () => {
  store = new MemoryStore();
  const [first, ...rest] = rollouts;
  const records = first ? [failedRollout(first), ...rest] : [];
  await store.put(
    'rollouts',
    records.map((rollout) => [rollout.key, rollout]),
  );
});

function open(more: Partial<typeof choice> = {}): Promise<Labelling> {
  const keep = (_: unknown, verdict: Verdict) => store.put('verdicts', [[verdict.key, verdict]]);
  return Labelling.open({ store, clock, keep }, run, { ...choice, ...more });
}

async function stored(): Promise<Verdict[]> {
  const verdicts = await store.get('verdicts', await store.keys('verdicts'));
  return verdicts.map((verdict) => verdictSchema.parse(verdict));
}

describe('Labelling', () => {
  it('asks in a random order that stays, mixes the models, and leaves failed answers out', async () => {
    const [labelling, again] = [await open({ count: 100 }), await open({ count: 100, name: 'Grace' })];
    const order = labelling.cards.map(({ rollout }) => rollout.key);
    expect(order).toHaveLength(rollouts.length - 1);
    expect(again.cards.map(({ rollout }) => rollout.key)).toEqual(order);
    expect(order).not.toEqual(rollouts.slice(1).map(({ key }) => key));
    expect(new Set(labelling.cards.slice(0, 10).map(({ rollout }) => rollout.model)).size).toBe(2);
    await labelling.close();
    expect((await open()).cards.map(({ rollout }) => rollout.key)).toEqual(order.slice(0, 10));
  });

  it('stores each label at once, as a verdict of a person', async () => {
    const labelling = await open();
    const [card] = labelling.cards;
    expect(labelling.signal?.id).toBe('aiSelfReference');
    await labelling.give(100);
    const { key: rolloutKey } = card?.rollout ?? expect.fail();
    const judge = { kind: 'human', name: 'Ada' } as const;
    const judging = { rubric: 'example', rubricVersion: 1, judge };
    expect(await stored()).toMatchObject([
      { key: verdictKey(rolloutKey, judging), ...judging, scores: { aiSelfReference: 100 } },
    ]);
    expect(labelling).toMatchObject({ place: 0, finished: 0, signal: { id: 'refuses' } });
    await labelling.give(false);
    expect(labelling).toMatchObject({ place: 1, finished: 1, signal: { id: 'aiSelfReference' } });
    expect(await stored()).toMatchObject([{ scores: { aiSelfReference: 100, refuses: false } }]);
  });

  it('takes labels back one by one, and leaves no empty verdict', async () => {
    const labelling = await open();
    await labelling.give(100);
    await labelling.give(true);
    await labelling.undo();
    expect(labelling).toMatchObject({ place: 0, signal: { id: 'refuses' } });
    expect(await stored()).toMatchObject([{ scores: { aiSelfReference: 100 } }]);
    await labelling.undo();
    expect(await stored()).toEqual([]);
  });

  it('goes on where this person stopped, and comes back to what was passed over', async () => {
    const before = await open({ count: 3 });
    before.move(1);
    for (const score of [0, true, 100, false]) await before.give(score);
    await before.close();
    const labelling = await open({ count: 3 });
    expect(labelling).toMatchObject({ place: 0, finished: 2 });
    await labelling.give(0);
    await labelling.give(false);
    expect(labelling).toMatchObject({ card: undefined, finished: 3 });
    expect((await open({ count: 3, name: 'Grace' })).finished).toBe(0);
  });

  it('is for one tab at a time, by name, until all is stored', async () => {
    const labelling = await open();
    await expect(open({ name: 'Ada' })).rejects.toThrow('Ada is labelling this run in another tab.');
    await (await open({ name: 'Grace' })).close();
    const given = labelling.give(100);
    const closed = labelling.close();
    await expect(open()).rejects.toThrow('Ada is labelling');
    await Promise.all([given, closed]);
    const later = await open();
    const [card = expect.fail()] = later.cards;
    expect(later.scoreOf(card, card.signals[0] ?? expect.fail())).toBe(100);
  });

  it('says when a label could not be stored', async () => {
    const keep = () => Promise.reject(new Error('The disk is full.'));
    const labelling = await Labelling.open({ store, clock, keep }, run, choice);
    await labelling.give(0);
    expect(labelling.problem).toBe('This label is not stored. The disk is full.');
  });
});
