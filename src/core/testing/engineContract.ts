import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../ports/engine.ts';
import { askWith } from './askWith.ts';
import { describeLogprobs, describeScores } from './scoreContract.ts';

export interface EngineContractOptions {
  /** For one test; real models are slow. */
  readonly timeoutMs?: number;
  /** Requests that are sent at once. */
  readonly together?: number;
  /** False for a server that batches: its texts may then differ in the last bit of a probability. */
  readonly repeatsTogether?: boolean;
  /** False for one that cannot score. */
  readonly scores?: boolean;
  /** False for one that tells no log-probabilities. */
  readonly logprobs?: boolean;
}

const ask = askWith({ temperature: 0.8, topP: 0.95, maxTokens: 24 }, 'Answer naturally and directly.');

const story = 'Tell me a long story about a fisherman and the sea.';

/** What every engine has to do. `makeEngine` gives a new one that is not loaded yet. */
export function describeEngine(
  name: string,
  makeEngine: () => Promise<Engine>,
  options: EngineContractOptions = {},
): void {
  describe(name, { timeout: options.timeoutMs ?? 60_000 }, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await makeEngine();
      await engine.load();
    }, options.timeoutMs ?? 60_000);
    afterAll(() => engine?.dispose());
    describeLoading(() => engine);
    describeAnswers(() => engine);
    describeSharing(() => engine, options);
    if (options.logprobs ?? true) describeLogprobs(() => engine);
    if (options.scores ?? true) describeScores(() => engine);
    describeEnds(() => engine, makeEngine);
  });
}

function describeLoading(engineOf: () => Engine): void {
  it('loads once, and gives the same facts again', async () => {
    const facts = await engineOf().load();
    expect(await engineOf().load()).toBe(facts);
    expect(facts.kind).not.toBe('');
    expect(facts.device).not.toBe('');
    expect(facts.library).toMatch(/ \d/);
    expect(facts.concurrency).toBeGreaterThanOrEqual(1);
    expect(facts.contextTokens ?? 1).toBeGreaterThan(0);
  });
}

function describeAnswers(engineOf: () => Engine): void {
  it('streams a text that grows and ends as the answer', async () => {
    const shown: string[] = [];
    const counts: number[] = [];
    const answer = await engineOf().generate(ask(story), {
      onText: (text, tokens) => {
        shown.push(text);
        counts.push(tokens);
      },
    });
    expect(answer.text.trim()).not.toBe('');
    expect(shown.at(-1)).toBe(answer.text);
    shown.reduce((before, text) => {
      expect(text.startsWith(before)).toBe(true);
      return text;
    }, '');
    expect([...counts].sort((a, b) => a - b)).toEqual(counts);
    const lengths = shown.map(({ length }) => length);
    expect(answer.tokenEnds ?? lengths).toEqual(expect.arrayContaining(lengths));
  });

  it('counts tokens, keeps to maxTokens and says that it did', async () => {
    const answer = await engineOf().generate(ask(story, { maxTokens: 5 }));
    expect(answer.finish).toBe('length');
    expect(answer.tokens).toBe(5);
    expect(answer.promptTokens).toBeGreaterThan(0);
    expect(answer.durationMs).toBeGreaterThanOrEqual(0);
    expect(answer.width).toBeGreaterThanOrEqual(1);
    const { tokenTimesMs: times = [], tokenEnds: ends = [] } = answer;
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect(times.every((time) => time >= 0 && time <= answer.durationMs)).toBe(true);
    expect(ends).toHaveLength(times.length);
    expect([...ends].sort((a, b) => a - b)).toEqual(ends);
    expect(ends.at(-1) ?? answer.text.length).toBe(answer.text.length);
  });

  it('gives the same text for the same request, with and without listening', async () => {
    const first = await engineOf().generate(ask('What are you?', {}, 7));
    const again = await engineOf().generate(ask('What are you?', {}, 7), { onText: () => undefined });
    expect(again.text).toBe(first.text);
    expect(again.tokens).toBe(first.tokens);
  });

  it('gives other texts for other seeds, and one text at temperature 0', async () => {
    const drawn = new Set<string>();
    const greedy = new Set<string>();
    for (const seed of [1, 2, 3, 4]) {
      drawn.add((await engineOf().generate(ask('Who are you?', { temperature: 2, topP: 1 }, seed))).text);
      greedy.add((await engineOf().generate(ask('Who are you?', { temperature: 0 }, seed))).text);
    }
    expect(drawn.size).toBeGreaterThan(1);
    expect(greedy.size).toBe(1);
  });

  it('ends before a stop text, and never shows the beginning of one', async () => {
    const request = ask(story, { temperature: 0 });
    const { text } = await engineOf().generate(request);
    const middle = Math.floor(text.length / 2);
    const stop = text.slice(middle, middle + 4);
    const shown: string[] = [];
    const cut = await engineOf().generate(ask(story, { temperature: 0, stop: ['\u0001never', stop] }), {
      onText: (shownText) => shown.push(shownText),
    });
    expect(cut.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(cut.finish).toBe('stop');
    for (const part of shown) expect(cut.text.startsWith(part)).toBe(true);
  });
}

function describeSharing(engineOf: () => Engine, options: EngineContractOptions): void {
  const { together = 6, repeatsTogether = true } = options;

  it('answers requests that are in flight together', async () => {
    const requests = Array.from({ length: together }, (_, index) =>
      ask(story, { maxTokens: 8 + index }, index),
    );
    const answers = await Promise.all(requests.map((request) => engineOf().generate(request)));
    for (const [index, answer] of answers.entries()) {
      expect(answer.text).not.toBe('');
      expect(answer.tokens).toBeLessThanOrEqual(8 + index);
    }
    if (!repeatsTogether) return;
    const alone = [];
    for (const request of requests) alone.push((await engineOf().generate(request)).text);
    expect(answers.map(({ text }) => text)).toEqual(alone);
  });

  it('gives up an aborted request with the reason, and still answers the others', async () => {
    const reason = new Error('The user stopped it.');
    const controller = new AbortController();
    let seen = 0;
    const stopped = engineOf().generate(ask(story, { maxTokens: 400 }), {
      signal: controller.signal,
      onText: (_, tokens) => {
        seen = tokens;
        controller.abort(reason);
      },
    });
    const other = engineOf().generate(ask('What are you?', {}, 7));
    await expect(stopped).rejects.toBe(reason);
    const seenAtOnce = seen;
    expect((await other).text).not.toBe('');
    expect(seen).toBe(seenAtOnce);
    await expect(engineOf().generate(ask('Hi'), { signal: controller.signal })).rejects.toBe(reason);
    expect((await engineOf().generate(ask('Hi'))).text).not.toBe('');
  });
}

function describeEnds(engineOf: () => Engine, makeEngine: () => Promise<Engine>): void {
  it('ends what is in flight when it is disposed, and takes nothing more', async () => {
    const engine = await makeEngine();
    await engine.load();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const running = engine.generate(ask(story, { maxTokens: 400 }), { onText: () => begin() });
    const ended = running.then(
      () => 'answered',
      (error: unknown) => error,
    );
    await begun;
    await engine.dispose();
    expect(await ended).toMatchObject({ name: 'EngineLostError' });
    await expect(engine.generate(ask('Hi'))).rejects.toMatchObject({ name: 'EngineLostError' });
    await engine.dispose();
    expect((await engineOf().generate(ask('Hi'))).text).not.toBe('');
  });
}
