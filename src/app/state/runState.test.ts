import { beforeEach, describe, expect, it } from 'vitest';
import { EngineError, EngineLostError, InputError, LockedError } from '../../core/errors.ts';
import { countRollouts } from '../../core/plan.ts';
import type { Engine, EngineFacts, Generation, GenerationRequest } from '../../core/ports/engine.ts';
import type { Judge, JudgeReply, JudgeRequest } from '../../core/ports/judge.ts';
import { checkRubric, type Rubric } from '../../core/rubric.ts';
import { readRollouts, readVerdicts } from '../../core/storedRecords.ts';
import { exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedJudge } from '../../core/testing/scriptedJudge.ts';
import type { Judging } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import { judgeLabel } from '../../core/judgeSpec.ts';
import roughIdentity from '../../suites/rubrics/rough-identity.json' with { type: 'json' };
import { Labelling } from './labelling.svelte.ts';
import { type RunOrder, type RunPorts, RunState } from './runState.svelte.ts';

const rubric: Rubric = checkRubric(roughIdentity);

/** Answers when it is told to, so that a test can look at a run half way. */
class ManualEngine implements Engine {
  readonly waiting: { request: GenerationRequest; answer: () => void; fail: (error: Error) => void }[] = [];
  isAutomatic = true;
  generated = 0;

  async load(): Promise<EngineFacts> {
    const notes = ['Runs on a script.'];
    return {
      kind: 'script',
      device: 'none',
      library: 'script 1',
      concurrency: 2,
      contextTokens: 2048,
      notes,
    };
  }

  generate(request: GenerationRequest, options?: { signal?: AbortSignal }): Promise<Generation> {
    const generation: Generation = {
      text: `I am asked ${request.messages.at(-1)?.content}`,
      finish: 'stop',
      promptTokens: 10,
      tokens: 5,
      durationMs: 50,
      width: 2,
    };
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        this.generated += 1;
        resolve(generation);
      };
      if (this.isAutomatic) return answer();
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error), {
        once: true,
      });
      this.waiting.push({ request, answer, fail: reject });
    });
  }

  async dispose(): Promise<void> {}
}

class CountingJudge implements Judge {
  readonly spec: Judge['spec'] = { kind: 'rules', version: 1 };
  readonly concurrency = 4;
  asked = 0;
  reply = '{"reason":"It says so.","stance":"neither"}';

  async score(_request: JudgeRequest): Promise<JudgeReply> {
    this.asked += 1;
    return { raw: this.reply, inputTokens: null, outputTokens: null, notes: [] };
  }
}

function orderOf(run = exampleRun()): RunOrder {
  const { id: _id, format: _format, createdAt: _createdAt, judgings: _judgings, ...order } = run;
  return order;
}

/** Until the engine is busy with as many as it takes at once. */
const untilAsked = () => expect.poll(() => engine.waiting.length).toBe(2);

let store: MemoryStore;
let engine: ManualEngine;
let judge: CountingJudge;

function openTab(): RunState {
  let nowMs = 0;
  const ports: RunPorts = {
    store,
    clock: { now: () => (nowMs += 1000) },
    openEngine: async () => engine,
    isOnline: () => true,
    untilOnline: async () => undefined,
    roughJudges: async () => [{ judge, rubric }],
    planBeliefs: async () => [],
  };
  return new RunState(ports);
}

beforeEach(() => {
  store = new MemoryStore();
  engine = new ManualEngine();
  judge = new CountingJudge();
});

describe('a run', () => {
  it('is collected, then scored by the rough judge, so that it ends in a result', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    await tab.collect(id);
    const run = tab.find(id)!;
    expect(tab.collecting(id).phase.state).toBe('complete');
    expect(tab.collecting(id).counts).toEqual({ total: 12, done: 12, failed: 0 });
    expect(tab.judging(id).phase.state).toBe('complete');
    expect(run.judgings).toHaveLength(1);
    expect(await readVerdicts(store, run, (await readRollouts(store, run)).keys())).toHaveLength(12);
    expect(tab.collecting(id).notes).toEqual(['Runs on a script.']);
  });

  it('goes on in a new tab after the old one was killed, and asks nothing twice', async () => {
    engine.isAutomatic = false;
    const killed = openTab();
    const { id } = await killed.create(orderOf());
    void killed.collect(id);
    await untilAsked();
    engine.waiting.splice(0).forEach(({ answer }) => answer());
    await untilAsked();
    const pace = killed.collecting(id).pace;
    expect(pace.answersPerMinute).toBeGreaterThan(0);
    expect(pace.secondsLeft).toBeGreaterThan(0);
    // The tab dies: its lock is freed, and nothing that it waited for ever comes.
    const after = new MemoryStore();
    for (const collection of ['runs', 'rollouts'] as const) {
      const keys = await store.keys(collection);
      const records = await store.get(collection, keys);
      await after.put(
        collection,
        keys.map((key, index) => [key, records[index]!] as const),
      );
    }
    store = after;
    engine = new ManualEngine();

    const tab = openTab();
    await tab.load();
    await tab.collecting(id).refresh(tab.find(id)!);
    expect(tab.collecting(id).counts).toEqual({ total: 12, done: 2, failed: 0 });
    expect(tab.collecting(id).newest).toHaveLength(2);
    await tab.collect(id);
    expect(engine.generated).toBe(10);
    expect(tab.collecting(id).isComplete).toBe(true);
  });

  it('finishes what is in flight when paused, gives it up when stopped', async () => {
    engine.isAutomatic = false;
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    const paused = tab.collect(id);
    await untilAsked();
    tab.collecting(id).pause();
    expect(tab.collecting(id).phase.state).toBe('pausing');
    engine.waiting.splice(0).forEach(({ answer }) => answer());
    await paused;
    expect(tab.collecting(id).phase.state).toBe('paused');
    expect(tab.collecting(id).counts?.done).toBe(2);
    expect(judge.asked).toBe(0);

    const stopped = tab.collect(id);
    await untilAsked();
    tab.collecting(id).stop();
    await stopped;
    expect(tab.collecting(id).phase.state).toBe('stopped');
    expect(tab.collecting(id).counts?.done).toBe(2);
  });

  it('lists what failed, and asks it again on resume', async () => {
    engine.isAutomatic = false;
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    const first = tab.collect(id);
    await untilAsked();
    engine.waiting.splice(0, 1).forEach(({ fail }) => fail(new EngineError('The server was busy.')));
    engine.isAutomatic = true;
    engine.waiting.splice(0).forEach(({ answer }) => answer());
    await first;
    const { failed, counts } = tab.collecting(id);
    expect(failed.map(({ error }) => error)).toEqual(['The server was busy.']);
    expect(counts).toEqual({ total: 12, done: 11, failed: 1 });
    expect(tab.collecting(id).isComplete).toBe(false);
    await tab.collect(id);
    expect(tab.collecting(id).failed).toEqual([]);
    expect(tab.collecting(id).isComplete).toBe(true);
  });

  it('says why it ended when the model cannot be loaded', async () => {
    const tab = openTab();
    engine.load = () => Promise.reject(new EngineLostError('The worker crashed.'));
    const { id } = await tab.create(orderOf());
    await tab.collect(id);
    expect(tab.collecting(id).phase).toMatchObject({ state: 'broken', error: 'The worker crashed.' });
  });

  it('is refused in a second tab with a sentence, and the first goes on', async () => {
    engine.isAutomatic = false;
    const first = openTab();
    const { id } = await first.create(orderOf());
    const work = first.collect(id);
    await untilAsked();
    const second = openTab();
    await second.load();
    await second.collect(id);
    const { phase } = second.collecting(id);
    expect(phase.state === 'broken' && phase.error).toContain('another tab');
    engine.isAutomatic = true;
    engine.waiting.splice(0).forEach(({ answer }) => answer());
    await work;
    expect(first.collecting(id).isComplete).toBe(true);
  });

  it('stops with the sentence of a full store', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    store.failAs('full');
    await tab.collect(id);
    const { phase } = tab.collecting(id);
    expect(phase.state === 'broken' && phase.error).toContain('Storage is full');
  });
});

describe('changing a run', () => {
  it('extends it without asking again what it has', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    await tab.collect(id);
    const before = engine.generated;
    const run = await tab.extend(id, { samples: 4, models: [servedModel('two')] });
    expect(tab.collecting(id).phase.state).toBe('idle');
    expect(tab.collecting(id).counts).toMatchObject({ total: countRollouts(run), done: before });
    await tab.collect(id);
    expect(engine.generated).toBe(countRollouts(run));
    expect(tab.find(id)?.judgings).toHaveLength(1);
  });

  it('keeps the judgings that another tab added when it is renamed', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    const other = openTab();
    await other.load();
    await other.collect(id);
    await tab.rename(id, '  Second name ');
    expect(tab.find(id)).toMatchObject({ name: 'Second name' });
    expect(tab.find(id)?.judgings).toHaveLength(1);
    await expect(tab.rename(id, ' ')).rejects.toThrow(InputError);
  });

  it('deletes it with its answers and verdicts, but not those that another run holds', async () => {
    const tab = openTab();
    const small = await tab.create(orderOf(exampleRun({ temperatures: [0] })));
    const large = await tab.create(orderOf());
    await tab.collect(large.id);
    await tab.remove(large.id);
    expect(tab.runs.map(({ id }) => id)).toEqual([small.id]);
    expect(await store.keys('rollouts')).toHaveLength(3);
    expect(await store.keys('verdicts')).toHaveLength(3);
    await tab.remove(small.id);
    expect(await store.keys('rollouts')).toEqual([]);
  });

  it('is not deleted while it is at work', async () => {
    engine.isAutomatic = false;
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    const work = tab.collect(id);
    await untilAsked();
    await expect(tab.remove(id)).rejects.toThrow('Pause it first');
    const other = openTab();
    await other.load();
    await expect(other.remove(id)).rejects.toThrow(LockedError);
    expect(other.find(id)).toBeDefined();
    tab.collecting(id).stop();
    await work;
    await other.remove(id);
    expect(await store.keys('runs')).toEqual([]);
  });

  it('is counted anew after another has added to it', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    await tab.collecting(id).refresh(tab.find(id) ?? exampleRun());
    expect(tab.storedOf(id)).toBe(0);
    const other = openTab();
    await other.load();
    await other.collect(id);
    await tab.readAgain();
    expect(tab.storedOf(id)).toBe(12);
  });
});

describe('judging a run', () => {
  it('asks nothing that has a verdict, and retries only what failed', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    judge.reply = 'I would rather not.';
    await tab.collect(id);
    expect(tab.judging(id).counts).toMatchObject({ total: 12, scored: 0, failed: 12 });
    expect(tab.judging(id).failed[0]).toMatchObject({ raw: 'I would rather not.' });
    await tab.judge(id, { judge, rubric });
    expect(judge.asked).toBe(12);
    judge.reply = '{"reason":"It says so.","stance":"neither"}';
    await tab.judge(id, { judge, rubric, retryFailed: true });
    expect(judge.asked).toBe(24);
    expect(tab.judging(id).failed).toEqual([]);
    await tab.judge(id, { judge, rubric });
    expect(judge.asked).toBe(24);
  });

  it('takes labels meanwhile, from this tab and another, and nothing is lost', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    await tab.collect(id);
    const run = tab.find(id) ?? expect.fail();
    let goOn: () => void = () => undefined;
    const wait = () => new Promise<void>((resolve) => (goOn = resolve));
    const slow = new ScriptedJudge({ concurrency: 1, wait });
    const work = tab.judge(id, { judge: slow, rubric });
    await expect.poll(() => tab.judging(id).phase.state).toBe('judging');

    const other = openTab();
    await other.load();
    for (const [name, from] of [
      ['Ada', tab],
      ['Grace', other],
    ] as const) {
      const ports = {
        store,
        clock: { now: () => 0 },
        keep: (judging: Judging, label: Verdict) => from.keepLabel(id, judging, label),
      };
      const labelling = await Labelling.open(ports, run, { name, rubric, signals: ['stance'], count: 5 });
      for (let label = 0; label < 5; label += 1) await labelling.give('neither');
      expect(labelling).toMatchObject({ finished: 5, problem: '' });
    }
    await expect(tab.keepVerdicts(id, run.judgings[0] ?? expect.fail(), [])).rejects.toThrow('being judged');
    while (tab.judging(id).isActive) {
      goOn();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await work;
    await tab.load();
    const { judgings } = tab.find(id) ?? expect.fail();
    const rollouts = await readRollouts(store, run);
    const counts = await Promise.all(
      judgings.map(async (judging) => {
        const verdicts = await readVerdicts(store, { ...run, judgings: [judging] }, rollouts.keys());
        return [judgeLabel(judging.judge), verdicts.length];
      }),
    );
    expect(counts).toEqual([
      ['rough, rules', 12],
      ['scripted', 12],
      ['Ada (person)', 5],
      ['Grace (person)', 5],
    ]);
  });

  it('waits while there is no network', async () => {
    const tab = openTab();
    const { id } = await tab.create(orderOf());
    await tab.collect(id);
    let goOnline: () => void = () => undefined;
    const online = new Promise<void>((resolve) => (goOnline = resolve));
    let isOnline = false;
    const remote = new CountingJudge();
    const spec = {
      kind: 'openai',
      baseUrl: 'http://127.0.0.1:9/v1',
      model: 'm',
      temperature: 0,
      maxTokens: 9,
    } as const;
    Object.assign(remote, { spec });
    const offline = new RunState({
      store,
      clock: { now: () => 0 },
      openEngine: async () => engine,
      isOnline: () => isOnline,
      untilOnline: () => online,
      roughJudges: async () => [],
      planBeliefs: async () => [],
    });
    await offline.load();
    const work = offline.judge(id, { judge: remote, rubric });
    await expect.poll(() => offline.judging(id).phase.state).toBe('offline');
    expect(remote.asked).toBe(0);
    isOnline = true;
    goOnline();
    await work;
    expect(offline.judging(id).phase.state).toBe('complete');
    expect(remote.asked).toBe(12);
  });
});
