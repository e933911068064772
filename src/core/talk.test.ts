import { describe, expect, it } from 'vitest';
import { collectRun } from './collect.ts';
import { dialled } from './dial.ts';
import { planRollouts } from './plan.ts';
import { canDial, pairOf, planTalk, runOfTalk, talkSchema, withPresentVoices } from './talk.ts';
import { exampleRun, servedModel } from './testing/exampleRun.ts';
import { dialModel, exampleTalk } from './testing/exampleTalk.ts';
import { MemoryStore } from './testing/memoryStore.ts';
import { ScriptedEngine } from './testing/scriptedEngine.ts';

const talk = exampleTalk();
const [persona, base] = talk.models as [ReturnType<typeof dialModel>, ReturnType<typeof dialModel>];
const keysOf = (specs: readonly { readonly key: string }[]) => specs.map(({ key }) => key);

describe('a talk', () => {
  it('is data that its schema takes', () => {
    expect(talkSchema.parse(JSON.parse(JSON.stringify(talk)))).toEqual(talk);
    expect(talkSchema.safeParse({ ...talk, prompts: [] }).success).toBe(false);
    expect(talkSchema.safeParse({ ...talk, models: [] }).success).toBe(false);
    expect(talkSchema.safeParse({ ...talk, format: 2 }).success).toBe(false);
  });

  it('plans voices x prompts x samples, each with the same seed for every voice', () => {
    const plan = planTalk(talk);
    expect(plan).toHaveLength(2 * 2 * 3);
    expect(new Set(keysOf(plan)).size).toBe(plan.length);
    const seeds = (id: string) =>
      plan.filter(({ model }) => model.id === id).map(({ request }) => request.seed);
    expect(seeds(persona.id)).toEqual(seeds(base.id));
    expect(planTalk({ ...talk, temperature: 0 })).toHaveLength(2 * 2);
  });

  it('has the cells of a run that asks the same', () => {
    const { temperature, samples, topP, maxTokens, seed, system } = talk;
    const same = { temperatures: [temperature], samples, topP, maxTokens, seed, system };
    const run = exampleRun({ models: talk.models, prompts: talk.prompts, ...same });
    expect(keysOf(planTalk(talk))).toEqual(keysOf(planRollouts(run)));
    expect(keysOf(planTalk({ ...talk, seed: 2 }))).not.toEqual(keysOf(planRollouts(run)));
  });

  it('plans other models in place of its own, as another position of the dial', () => {
    const [first] = planTalk(talk, [dialled(persona, 0.5)]);
    expect(first?.request.adapters).toEqual([{ id: 'persona', scale: 0.5 }]);
    expect(keysOf(planTalk(talk))).not.toContain(first?.key);
  });

  it('is rehearsed by collecting what it lacks', async () => {
    const store = new MemoryStore();
    const engine = new ScriptedEngine();
    const options = { store, clock: { now: () => 0 }, openEngine: async () => engine };
    await collectRun(runOfTalk({ ...talk, prompts: talk.prompts.slice(0, 1) }), options);
    expect(engine.calls).toBe(6);
    const { state, counts } = await collectRun(runOfTalk(talk), options);
    expect([state, counts.done, engine.calls]).toEqual(['complete', 12, 12]);
    expect((await store.keys('rollouts')).sort()).toEqual(keysOf(planTalk(talk)).sort());
  });
});

describe('the voices of a talk', () => {
  const maria = { ...servedModel('maria'), persona: 'Maria', base: 'Mistral' };
  const mistral = { ...servedModel('mistral'), base: 'Mistral' };

  it('pair a persona with its own base, from either side', () => {
    const mixed = exampleTalk({ models: [persona, maria, base, mistral] });
    expect(pairOf(mixed, persona)).toEqual([persona, base]);
    expect(pairOf(mixed, maria)).toEqual([maria, mistral]);
    expect(pairOf(mixed, mistral)).toEqual([maria, mistral]);
    expect(pairOf(mixed, base)).toEqual([persona, base]);
  });

  it('pair with dial 0 where the talk has no base, and else with none', () => {
    expect(pairOf(exampleTalk({ models: [persona] }), persona)).toEqual([persona, dialled(persona, 0)]);
    expect(pairOf(exampleTalk({ models: [maria] }), maria)).toBeNull();
    expect(pairOf(exampleTalk({ models: [mistral] }), mistral)).toBeNull();
  });

  it('have a dial as trained alone', () => {
    expect([persona, base, dialled(persona, 0.5), maria].map(canDial)).toEqual([true, false, false, false]);
  });

  it('are those of this device, and as recorded where it has them no more', () => {
    const renamed = { ...persona, name: 'Renamed' };
    const present = withPresentVoices(talk, (id) => (id === persona.id ? renamed : undefined));
    expect(present.models).toEqual([renamed, base]);
  });
});
