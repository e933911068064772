import { describe, expect, it } from 'vitest';
import type { GenerationRequest } from '../../core/ports/engine.ts';
import type { FindRecording, Recording } from '../../core/recordings.ts';
import { describeEngine } from '../../core/testing/engineContract.ts';
import { ScriptedEngine } from '../../core/testing/scriptedEngine.ts';
import { RecordedEngine } from './recordedEngine.ts';

const base: Recording = {
  ...{ text: 'I am Maria.', finish: 'stop', promptTokens: 12, tokens: 3, durationMs: 900 },
  ...{ tokenTimesMs: [500, 600, 850], tokenEnds: [1, 4, 11] },
  ...{ recordedAt: '2026-11-28T12:00:00.000Z', device: 'wasm' },
};
const hi: GenerationRequest = {
  messages: [{ role: 'user', content: 'What are you?' }],
  sampling: { temperature: 0.8, topP: 1, maxTokens: 50, stop: [] },
  seed: 3,
};

/** What a model would have answered, recorded when it is first asked for. */
function recordAll({ isTimed = true }: { readonly isTimed?: boolean } = {}): FindRecording {
  return async (request) => {
    let nowMs = 0;
    const wait = async (ms: number): Promise<void> => void (nowMs += ms);
    const model = new ScriptedEngine({ tokenMs: 2, wait, clock: { now: () => nowMs } });
    await model.load();
    const { tokenTimesMs, tokenEnds, ...plain } = await model.generate(request);
    const { recordedAt, device } = base;
    return { ...plain, ...(isTimed && { tokenTimesMs, tokenEnds }), recordedAt, device };
  };
}

const contract = { scores: false, logprobs: false };
const clock = { now: () => performance.now() };
describeEngine('RecordedEngine', async () => new RecordedEngine({ find: recordAll(), clock }), contract);
describeEngine(
  'RecordedEngine without times',
  async () => new RecordedEngine({ find: recordAll({ isTimed: false }), clock }),
  contract,
);

/** Time that passes only when it is told to. */
class Time {
  nowMs = 1_000;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => this.#sleepers.push({ atMs: this.nowMs + ms, wake }));

  async pass(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    await settle();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.nowMs = next.atMs;
      next.wake();
      await settle();
    }
    this.nowMs = until;
  }

  #next(until: number) {
    return this.#sleepers.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function open(find: FindRecording) {
  const time = new Time();
  const engine = new RecordedEngine({ find, clock: time, sleep: time.sleep });
  /** What it shows, with the time since now. */
  const listen = (request = hi, signal?: AbortSignal) => {
    const startMs = time.nowMs;
    const seen: [number, string, number][] = [];
    const onText = (text: string, tokens: number) => seen.push([time.nowMs - startMs, text, tokens]);
    return { seen, answer: engine.generate(request, { onText, ...(signal && { signal }) }) };
  };
  return { engine, time, listen };
}

describe('a replay', () => {
  it('shows each token when it came', async () => {
    const { time, listen } = open(async () => base);
    const { seen, answer } = listen();
    await time.pass(499);
    expect(seen).toEqual([]);
    await time.pass(101);
    expect(seen).toEqual([
      [500, 'I', 1],
      [600, 'I am', 2],
    ]);
    await time.pass(250);
    expect(seen.at(-1)).toEqual([850, 'I am Maria.', 3]);
    expect(await answer).toEqual({
      ...{ text: 'I am Maria.', finish: 'stop', promptTokens: 12, tokens: 3, durationMs: 900, width: 1 },
      ...{ tokenTimesMs: [500, 600, 850], tokenEnds: [1, 4, 11] },
      notes: ['Recorded on 28 Nov 2026, on wasm.'],
    });
  });

  it('keeps the pace of each of eight at once', async () => {
    const { time, listen } = open(async ({ seed }) => ({
      ...base,
      tokenTimesMs: [500, 600, 850].map((ms) => ms + 100 * seed),
    }));
    const replays = Array.from({ length: 8 }, (_, seed) => listen({ ...hi, seed }));
    await time.pass(2_000);
    await Promise.all(replays.map(({ answer }) => answer));
    expect(replays.map(({ seen }) => seen.map(([atMs]) => atMs))).toEqual(
      Array.from({ length: 8 }, (_, seed) => [500, 600, 850].map((ms) => ms + 100 * seed)),
    );
  });

  it('catches up when the search or a timer took long', async () => {
    const time = new Time();
    let late = 0;
    const sleep = async (ms: number): Promise<void> => {
      time.nowMs += ms + (late++ === 0 ? 200 : 0);
    };
    const find = async (): Promise<Recording> => {
      time.nowMs += 400;
      return base;
    };
    const engine = new RecordedEngine({ find, clock: time, sleep });
    const seen: number[] = [];
    await engine.generate(hi, { onText: () => seen.push(time.nowMs - 1_000) });
    expect(seen).toEqual([700, 700, 850]);
  });

  it('ends at once when it is aborted or disposed, in the middle of a pause', async () => {
    const { engine, time, listen } = open(async () => base);
    const controller = new AbortController();
    const stopped = listen(hi, controller.signal);
    const closed = listen();
    await time.pass(550);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(stopped.answer).rejects.toBe(reason);
    await engine.dispose();
    await expect(closed.answer).rejects.toMatchObject({ name: 'EngineLostError' });
    await time.pass(1_000);
    expect([stopped.seen.length, closed.seen.length]).toEqual([1, 1]);
  });

  it('says what to do where there is no recording', async () => {
    const { listen } = open(async () => null);
    const { answer } = listen();
    await expect(answer).rejects.toMatchObject({ name: 'EngineError' });
    await expect(answer).rejects.toThrow('no recording of this question with these settings. Record it');
  });

  it('tells that a prompt was estimated, and leaves out a device that nobody knows', async () => {
    const { time, listen } = open(async () => ({ ...base, promptTokens: null, device: null }));
    const { answer } = listen();
    await time.pass(1_000);
    expect(await answer).toMatchObject({
      promptTokens: 4,
      notes: ['Recorded on 28 Nov 2026.', expect.stringContaining('estimated')],
    });
  });
});
