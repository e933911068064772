import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import type { RolloutSpec } from '../../core/plan.ts';
import { systemClock } from '../../core/ports/clock.ts';
import type { Engine } from '../../core/ports/engine.ts';
import { type DoneRollout, rolloutSchema } from '../../core/rollout.ts';
import { planTalk, runOfTalk } from '../../core/talk.ts';
import { exampleRollouts } from '../../core/testing/exampleRecords.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import { exampleTalk } from '../../core/testing/exampleTalk.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { ScriptedEngine, type ScriptedEngineOptions } from '../../core/testing/scriptedEngine.ts';
import type { FindRecording } from '../../core/recordings.ts';
import { RecordedEngine } from '../../engines/recorded/recordedEngine.ts';
import { StageEngines } from './stageEngines.ts';
import { StageTurn } from './stageTurn.svelte.ts';

const talk = exampleTalk();
const said = 'I am a gardener from a small town by the sea.';
const words = said.split(' ').length;
const tokenMs = 100;
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const never = () => new Promise<never>(() => undefined);

let store: MemoryStore;
let engine: Engine;
let opened: { readonly id: string; readonly fresh: boolean }[];
let answering: (card: ModelCard) => Engine;

beforeEach(() => {
  vi.useFakeTimers();
  store = new MemoryStore();
  opened = [];
  engine = scripted();
  answering = () => engine;
});
afterEach(() => vi.useRealTimers());

function scripted(options: ScriptedEngineOptions = {}): ScriptedEngine {
  return new ScriptedEngine({ script: () => said, tokenMs, wait, clock: systemClock, ...options });
}

/** As on a GPU, which is what gets lost. */
function onGpu(inner: Engine): Engine {
  const load = inner.load.bind(inner);
  inner.load = async (options) => ({ ...(await load(options)), device: 'webgpu' });
  return inner;
}

/** Throws, or hangs for ever, before the given token. */
function endingAt(token: number, end: () => Promise<never>): Engine {
  let tokens = 0;
  return onGpu(scripted({ wait: (ms) => (++tokens < token ? wait(ms) : end()) }));
}
const lose = () => Promise.reject(new EngineLostError('The GPU went away. Load the model anew.'));

async function openEngine(card: ModelCard, { fresh }: { readonly fresh: boolean }): Promise<Engine> {
  opened.push({ id: card.id, fresh });
  return answering(card);
}

/** `usualMs`: what the engines have shown of themselves; null where nobody has asked them yet. */
function turnOf(specs: readonly RolloutSpec[], usualMs: number | null = tokenMs): StageTurn {
  const engines = new StageEngines(openEngine);
  if (usualMs !== null) for (const { model } of specs) engines.learn(model, usualMs);
  const openRecorded = (find: FindRecording) => new RecordedEngine({ find, clock: systemClock });
  return new StageTurn(specs, { store, clock: systemClock, openEngine, openRecorded }, engines);
}

/** Reads its prompt in as many parts as given, `tokenMs` each, and then answers, or hangs. */
function readingParts(parts: number, end: () => Promise<unknown>): Engine {
  const reading = scripted();
  const generate = reading.generate.bind(reading);
  reading.generate = async (request, options) => {
    for (let part = 0; part < parts; part += 1) {
      await wait(tokenMs);
      options?.onRead?.();
    }
    await end();
    return generate(request, options);
  };
  return onGpu(reading);
}

/** The first question to the first voice. */
const cells = planTalk(talk).slice(0, 1);
const three = planTalk(talk).slice(0, 3);

/** Recordings of all cells, with the timing of a live answer. */
async function record(text = said): Promise<DoneRollout[]> {
  const ends = [...text.matchAll(/\s?\S+/g)].map((match) => match.index + match[0].length);
  const rollouts = exampleRollouts(runOfTalk(talk)).map((rollout) => ({
    ...rollout,
    ...{ text, tokens: ends.length, durationMs: ends.length * tokenMs },
    tokenTimesMs: ends.map((_, index) => (index + 1) * tokenMs),
    tokenEnds: ends,
  }));
  await store.put(
    'rollouts',
    rollouts.map((rollout) => [rollout.key, rollout]),
  );
  return rollouts;
}

const sources = ({ answers }: StageTurn) => answers.map(({ source }) => source);
const shown = ({ answers }: StageTurn) => answers.map((answer) => answer.shown);

describe('a question on stage', () => {
  it('is answered live, and stored as a recording with the key of its cell', async () => {
    const turn = turnOf(three);
    expect(turn.phase).toBe('idle');
    const work = turn.start();
    await vi.advanceTimersByTimeAsync(3.5 * tokenMs);
    expect([turn.phase, turn.isBusy]).toEqual(['speaking', true]);
    await vi.runAllTimersAsync();
    await work;
    expect([turn.phase, turn.note, ...shown(turn)]).toEqual(['done', '', said, said, said]);
    expect(sources(turn)).toEqual(['live', 'live', 'live']);
    const stored = await store.get(
      'rollouts',
      three.map(({ key }) => key),
    );
    for (const rollout of stored) expect(rolloutSchema.parse(rollout)).toMatchObject({ text: said });
  });

  it('shows whole words while it grows, and long runs that are none', async () => {
    const pieces = [
      'I gar',
      'I gardened',
      'I gardened. ',
      '我是一位住在海邊小鎮的園丁我喜歡照顧花草和樹木還有貓',
    ];
    const grown: string[] = [];
    engine = scripted();
    engine.generate = async (_, { onText } = {}) => {
      for (const piece of pieces) {
        onText?.(piece, 1);
        grown.push(...shown(turn));
      }
      return { text: 'I gar', finish: 'length', promptTokens: 1, tokens: 4, durationMs: 1, width: 1 };
    };
    const turn = turnOf(cells);
    await turn.start();
    expect(grown).toEqual(['I ', 'I ', 'I gardened. ', pieces[3]]);
    expect(shown(turn)).toEqual(['I gar']);
  });

  it('keeps what came until it was stopped, stores none of it, and begins anew', async () => {
    const turn = turnOf(cells);
    const work = turn.start();
    await vi.advanceTimersByTimeAsync(4.5 * tokenMs);
    await turn.stop();
    await work;
    expect([turn.phase, turn.note, ...shown(turn)]).toEqual(['done', '', 'I am a gardener']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shown(turn)).toEqual(['I am a gardener']);
    expect(await store.keys('rollouts')).toEqual([]);
    void turn.start();
    expect(shown(turn)).toEqual(['']);
    await vi.runAllTimersAsync();
    expect(shown(turn)).toEqual([said]);
  });

  it('does not replace a recording, on which verdicts may be', async () => {
    await record('I said something else.');
    const turn = turnOf(cells);
    void turn.start();
    await vi.runAllTimersAsync();
    expect(shown(turn)).toEqual([said]);
    expect(await store.get('rollouts', [cells[0]!.key])).toMatchObject([{ text: 'I said something else.' }]);
  });

  it('asks one local model after the other', async () => {
    const others = planTalk(talk, [servedModel('one'), servedModel('two')]).filter(
      ({ sample, prompt }) => sample === 0 && prompt.promptId === 'cat',
    );
    const turn = turnOf(others);
    void turn.start();
    await vi.advanceTimersByTimeAsync((words + 0.5) * tokenMs);
    expect(opened.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(turn.answers.map(({ state }) => state)).toEqual(['done', 'waiting']);
    await vi.runAllTimersAsync();
    expect(shown(turn)).toEqual([said, said]);
  });

  it('says when an answer could not be stored, and shows it all the same', async () => {
    store.failAs('full');
    const turn = turnOf(cells);
    void turn.start();
    await vi.runAllTimersAsync();
    expect([turn.note, ...shown(turn)]).toEqual([
      expect.stringMatching(/^This answer was not stored\./),
      said,
    ]);
  });
});

describe('a model that dies on stage', () => {
  it('gives way to the recording, which goes on where it broke off, and is loaded again', async () => {
    await record();
    engine = endingAt(4, lose);
    const turn = turnOf(cells);
    void turn.start();
    await vi.advanceTimersByTimeAsync(4.1 * tokenMs);
    expect([turn.note, ...sources(turn)]).toEqual(['Recorded. The GPU was lost.', 'recorded']);
    expect(opened).toEqual([
      { id: 'someone', fresh: false },
      { id: 'someone', fresh: true },
    ]);
    // No word that was said goes away, and the next comes at its time.
    expect(shown(turn)[0]).toBe('I am a ');
    await vi.advanceTimersByTimeAsync(tokenMs);
    expect(shown(turn)[0]).toBe('I am a gardener ');
    await vi.runAllTimersAsync();
    expect([turn.phase, ...shown(turn)]).toEqual(['done', said]);
  });

  it.each([1, 4])('is noticed within two seconds where it only hangs, before token %i too', async (token) => {
    await record();
    engine = endingAt(token, never);
    const turn = turnOf(cells);
    void turn.start();
    await vi.advanceTimersByTimeAsync((token - 1) * tokenMs + 2_000);
    expect([turn.note, ...sources(turn)]).toEqual(['Recorded. The model stopped answering.', 'recorded']);
    expect(opened.at(-1)?.fresh).toBe(true);
    await vi.runAllTimersAsync();
    expect(shown(turn)).toEqual([said]);
  });

  it('is noticed as soon where it hangs before its first word ever, and is loaded again', async () => {
    await record();
    engine = endingAt(1, never);
    const turn = turnOf(cells, null);
    void turn.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect([turn.note, ...sources(turn)]).toEqual(['Recorded. The model is still loading.', 'recorded']);
    await vi.runAllTimersAsync();
    expect([...shown(turn), ...opened.map(({ fresh }) => fresh)]).toEqual([said, false, true]);
  });

  it('is waited for where its first word ever takes long and nothing is recorded', async () => {
    engine = onGpu(scripted({ tokenMs: 4_000 }));
    const turn = turnOf(cells, null);
    void turn.start();
    await vi.runAllTimersAsync();
    expect([turn.note, ...shown(turn), opened.length]).toEqual(['', said, 1]);
  });

  it('is told from one that has much to read', async () => {
    await record();
    engine = readingParts(50, async () => undefined);
    const turn = turnOf(cells);
    void turn.start();
    await vi.runAllTimersAsync();
    expect([turn.note, ...sources(turn)]).toEqual(['', 'live']);
  });

  it('is noticed within two seconds where it hangs while it reads', async () => {
    await record();
    engine = readingParts(50, never);
    const turn = turnOf(cells);
    void turn.start();
    await vi.advanceTimersByTimeAsync(50 * tokenMs + 2_000);
    expect([turn.note, ...sources(turn)]).toEqual(['Recorded. The model stopped answering.', 'recorded']);
  });

  it('is waited for where it is only slow', async () => {
    await record();
    engine = onGpu(scripted({ tokenMs: 1_400 }));
    const turn = turnOf(three);
    void turn.start();
    await vi.runAllTimersAsync();
    expect([turn.note, ...sources(turn)]).toEqual(['', 'live', 'live', 'live']);
  });

  it('is not waited for while it loads, where a recording is there; the load goes on', async () => {
    await record();
    const signals: unknown[] = [];
    engine.load = (options) => {
      signals.push(options?.signal);
      return never();
    };
    const turn = turnOf(cells);
    void turn.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect([turn.note, ...sources(turn)]).toEqual(['Recorded. The model is still loading.', 'recorded']);
    await vi.runAllTimersAsync();
    expect(shown(turn)).toEqual([said]);
    expect([signals, opened.length]).toEqual([[undefined], 1]);
  });

  it('is waited for without end where nothing is recorded', async () => {
    engine = endingAt(4, never);
    const turn = turnOf(cells);
    void turn.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([turn.isBusy, turn.note, ...shown(turn)]).toEqual([true, '', 'I am ']);
  });

  it('leaves what came where nothing is recorded, and says so', async () => {
    engine = endingAt(4, lose);
    const turn = turnOf(cells);
    void turn.start();
    await vi.runAllTimersAsync();
    expect([turn.note, ...shown(turn)]).toEqual([
      'The GPU was lost. There is no recording of this question.',
      'I am a',
    ]);
    expect(turn.answers[0]).toMatchObject({ state: 'failed', error: 'Not recorded.' });
    expect(opened.at(-1)?.fresh).toBe(true);
  });

  it('keeps the answers that were whole', async () => {
    await record();
    const texts = ['Short.', said, said];
    let left = 8;
    engine = onGpu(
      scripted({
        script: (_, call) => texts[call - 1] ?? said,
        wait: (ms) => (left-- > 0 ? wait(ms) : lose()),
      }),
    );
    const turn = turnOf(three);
    void turn.start();
    await vi.runAllTimersAsync();
    expect(sources(turn)).toEqual(['live', 'recorded', 'recorded']);
    expect(shown(turn)).toEqual(['Short.', said, said]);
  });

  it.each([
    ['could not be loaded', () => scripted({ failLoad: () => new EngineError('No memory.') })],
    ['failed to answer', () => scripted({ script: () => new EngineError('It does not fit.') })],
  ])('%s: that is said too', async (words, make) => {
    await record();
    engine = make();
    const turn = turnOf(cells);
    void turn.start();
    await vi.runAllTimersAsync();
    expect([turn.note, ...shown(turn)]).toEqual([`Recorded. The model ${words}.`, said]);
  });
});

describe('the panic key', () => {
  it('says the recording at its pace, without a model', async () => {
    await record();
    const turn = turnOf(three);
    void turn.replay();
    await vi.advanceTimersByTimeAsync(3.5 * tokenMs);
    expect(shown(turn)[0]).toBe('I am ');
    await vi.runAllTimersAsync();
    expect([turn.note, ...shown(turn)]).toEqual(['', said, said, said]);
    expect([opened, sources(turn)]).toEqual([[], ['recorded', 'recorded', 'recorded']]);
  });

  it('takes over from a model that hangs, which is not heard any more', async () => {
    await record('I am recorded.');
    let goOn: () => void = () => undefined;
    engine = scripted({ wait: () => new Promise((resolve) => (goOn = () => resolve())) });
    const turn = turnOf(cells);
    void turn.start();
    await vi.advanceTimersByTimeAsync(100);
    void turn.replay();
    await vi.advanceTimersByTimeAsync(10);
    goOn();
    await vi.runAllTimersAsync();
    expect([turn.phase, ...shown(turn), ...sources(turn)]).toEqual(['done', 'I am recorded.', 'recorded']);
  });

  it('says that there is no recording', async () => {
    const turn = turnOf(cells);
    await turn.replay();
    expect([turn.note, turn.answers[0]?.state]).toEqual([
      'There is no recording of this question.',
      'failed',
    ]);
  });
});
