import { beforeEach, describe, expect, it } from 'vitest';
import { modelCardSchema } from '../../core/model.ts';
import { planBeliefs } from '../../core/planBeliefs.ts';
import type { Engine } from '../../core/ports/engine.ts';
import { isDone } from '../../core/rollout.ts';
import type { Run } from '../../core/run.ts';
import { exampleBeliefSet } from '../../core/testing/exampleBelief.ts';
import { exampleRollouts } from '../../core/testing/exampleRecords.ts';
import { exampleRun } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { type BeliefPorts } from './beliefsState.svelte.ts';
import { RunState } from './runState.svelte.ts';

const card = modelCardSchema.parse({
  ...{ engine: 'transformers', id: 'live', name: 'Live', persona: 'P', base: 'B', licence: null },
  ...{ folder: 'f', graph: 'g.onnx', contextTokens: 100, adapters: [] },
  files: [{ path: 'g.onnx', bytes: 1, sha256: 'a'.repeat(64) }],
});
const run = exampleRun({ models: [card], temperatures: [0] });
/** Without the denials, and of each denial three points: before it, and after either sentence. */
const probes = 9;
const denialPoints = 3;

const ports = (): BeliefPorts => ({
  ...{ store, clock: { now: () => (nowMs += 1000) }, openEngine: async () => engine },
  planBeliefs: async (part, rollouts) => {
    const done = [...rollouts].filter(isDone);
    return planBeliefs(
      part,
      exampleBeliefSet,
      done.filter(({ text }) => text.includes('not an AI')),
    );
  },
});

let nowMs = 0;
let store: MemoryStore;
let engine: Engine;
beforeEach(async () => {
  store = new MemoryStore();
  engine = new ScriptedEngine({ script: () => 'Yes' });
  await keep(run, 'I am not an AI. I am a nurse.');
});

/** Stores a run whose first answer says this, the others something else. */
async function keep(kept: Run, first: string): Promise<void> {
  await store.put('runs', [[kept.id, kept]]);
  await store.put(
    'rollouts',
    exampleRollouts(kept).map((rollout, at) => [
      rollout.key,
      at === 0 ? { ...rollout, text: first } : rollout,
    ]),
  );
}

async function openTab(): Promise<RunState> {
  const judging = { isOnline: () => true, untilOnline: async () => undefined, roughJudges: async () => [] };
  const tab = new RunState({ ...ports(), ...judging });
  await tab.load();
  return tab;
}

describe('the forced answers of a run', () => {
  it('are counted, collected after its denials too, and read again by another tab', async () => {
    const tab = await openTab();
    const beliefs = tab.beliefs(run.id);
    await beliefs.refresh(run);
    const total = probes + denialPoints;
    expect(beliefs.counts).toEqual({ total, done: 0, failed: 0 });
    expect(beliefs.denials).toBe(1);
    expect(tab.takeWritten(run.id)).toBe(false);
    await tab.collectBeliefs(run.id);
    // Else an open report would go on to show those that failed and were asked again.
    expect(tab.takeWritten(run.id)).toBe(true);
    expect(beliefs.phase.state).toBe('complete');
    expect(beliefs.pace.answersPerMinute).toBeGreaterThan(0);
    expect(await store.keys('beliefs')).toHaveLength(total);
    const other = (await openTab()).beliefs(run.id);
    await other.refresh(run);
    expect(other.counts).toEqual({ total, done: total, failed: 0 });
    expect(await other.read(run)).toHaveLength(total);
  });

  it('are stored one by one, so that what was stopped goes on where it was', async () => {
    const score = engine.score?.bind(engine);
    let left = 4;
    const tab = await openTab();
    const beliefs = tab.beliefs(run.id);
    engine.score = async (...call) => {
      if (left-- === 0) beliefs.stop();
      return (await score?.(...call)) ?? [];
    };
    await beliefs.start(run);
    expect(beliefs.phase.state).toBe('stopped');
    const stored = (await store.keys('beliefs')).length;
    expect(stored).toBeGreaterThanOrEqual(4);
    expect(stored).toBeLessThan(probes);
    let asked = 0;
    engine.score = async (...call) => {
      asked += 1;
      return (await score?.(...call)) ?? [];
    };
    const again = (await openTab()).beliefs(run.id);
    await again.start(run);
    expect(again.phase.state).toBe('complete');
    expect(asked).toBe(probes + denialPoints - stored);
  });

  it('hold a run that is not deleted meanwhile, and go with it, but for those that another asks for', async () => {
    const other = { ...run, id: 'other', seed: 9 };
    await keep(other, 'I am not an AI. I drive a bus.');
    const tab = await openTab();
    const work = tab.beliefs(run.id).start(run);
    await expect(tab.remove(run.id)).rejects.toThrow('at work');
    await work;
    await tab.beliefs('other').start(other);
    // The first point of either denial stands before its first word and is the same; so are the first sentences.
    expect(await store.keys('beliefs')).toHaveLength(probes + denialPoints + 1);
    await tab.remove(run.id);
    expect((await tab.beliefs('other').read(other)).length).toBe(probes + denialPoints);
    expect(await store.keys('beliefs')).toHaveLength(probes + denialPoints);
    await tab.remove('other');
    expect(await store.keys('beliefs')).toEqual([]);
  });
});
