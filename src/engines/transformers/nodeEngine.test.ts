import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json' with { type: 'json' };
import { parseCatalogue, type TransformersCard } from '../../core/model.ts';
import type { Engine, GenerationRequest } from '../../core/ports/engine.ts';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import { askWith } from '../../core/testing/askWith.ts';
import { describeEngine } from '../../core/testing/engineContract.ts';
import { NodeEngine } from './nodeEngine.ts';

const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
// Its folder lies outside the models' folder, as one that a card's file names may.
const engine: Engine = new NodeEngine(
  { ...card, folder: '../models/smollm2-135m' },
  { modelsFolder: 'public/elsewhere' },
);

beforeAll(async () => {
  await engine.load();
}, 60_000);
afterAll(() => engine.dispose());

const ask = askWith({ temperature: 0.8, topP: 1, maxTokens: 24 }, 'Answer naturally and directly.');

const mixed = [
  ask('What are you?', {}, 11),
  ask(
    'What does an ordinary day look like for you? Tell me from morning to evening, please.',
    { topP: 0.9 },
    12,
  ),
  ask('Hi', { temperature: 1.2, maxTokens: 40 }, 13),
  ask('What is the capital of France?', { temperature: 0 }, 14),
  ask('Are you an AI?', { maxTokens: 5 }, 15),
  ask('What are you?', {}, 16),
];

describeEngine('NodeEngine', async () => new NodeEngine(card, { modelsFolder: 'public/models' }), {
  timeoutMs: 120_000,
});

describe('NodeEngine', () => {
  it('gives the same text whatever the batch mates', { timeout: 120_000 }, async () => {
    const alone = [];
    for (const request of mixed) alone.push(await engine.generate(request));
    const together = await Promise.all(mixed.map((request) => engine.generate(request)));
    expect(together.map(({ text }) => text)).toEqual(alone.map(({ text }) => text));
    expect(together.map(({ tokens, finish }) => [tokens, finish])).toEqual(
      alone.map(({ tokens, finish }) => [tokens, finish]),
    );
    expect(alone[0]?.text).not.toBe(alone[5]?.text);
    expect(together.map(({ width }) => width)).toEqual([6, 6, 6, 6, 6, 6]);
  });

  it('lets a request join others in the middle of their answers', { timeout: 60_000 }, async () => {
    const [first, second] = [ask('Write a long story about a fox.', { maxTokens: 40 }), ask('What are you?')];
    const alone = [await engine.generate(first), await engine.generate(second)];
    let joined: ReturnType<Engine['generate']> | null = null;
    const running = await engine.generate(first, {
      onText: (_, tokens) => {
        if (tokens === 7) joined = engine.generate(second);
      },
    });
    expect([running.text, (await joined!).text]).toEqual(alone.map(({ text }) => text));
    expect((await joined!).width).toBe(2);
  });

  it('tells that it reads a long prompt', async () => {
    const told: string[] = [];
    const long = 'Tell me about a walk in the woods in autumn, and what you saw on your way. '.repeat(6);
    await engine.generate(ask(long, { maxTokens: 3 }, 21), {
      onRead: () => told.push('read'),
      onText: () => told.push('text'),
    });
    // 112 tokens or more, read by 32.
    expect(told.slice(0, 3)).toEqual(['read', 'read', 'read']);
    expect(told.slice(-3)).toEqual(['text', 'text', 'text']);
    expect(told.lastIndexOf('read')).toBeLessThan(told.indexOf('text'));
  });

  it('answers a question it can answer', async () => {
    const { text, finish } = await engine.generate(mixed[3] as GenerationRequest);
    expect(text).toContain('Paris');
    expect(finish).toBe('stop');
  });

  it('ends before a stop text and never shows the beginning of one', async () => {
    const full = await engine.generate(mixed[3] as GenerationRequest);
    const shown: string[] = [];
    const cut = await engine.generate(
      ask('What is the capital of France?', { temperature: 0, stop: ['Paris'] }),
      {
        onText: (text) => shown.push(text),
      },
    );
    expect(cut.text).toBe(full.text.slice(0, full.text.indexOf('Paris')));
    expect(cut.finish).toBe('stop');
    for (const text of shown) expect(cut.text.startsWith(text)).toBe(true);
  });

  it('counts tokens and times, and ends at maxTokens', async () => {
    const { tokens, finish, tokenTimesMs, promptTokens, durationMs } = await engine.generate(
      ask('Tell me a long story.', { temperature: 0, maxTokens: 7 }),
    );
    expect([tokens, finish]).toEqual([7, 'length']);
    expect(tokenTimesMs).toHaveLength(7);
    expect([...(tokenTimesMs as number[])].sort((a, b) => a - b)).toEqual(tokenTimesMs);
    expect(tokenTimesMs?.at(-1)).toBe(Math.floor(durationMs * 10) / 10);
    expect(promptTokens).toBeGreaterThan(20);
  });

  it('frees the slot of an aborted request and leaves the others alone', { timeout: 60_000 }, async () => {
    const expected = (await engine.generate(mixed[0] as GenerationRequest)).text;
    const controller = new AbortController();
    const story = engine.generate(ask('Tell me a long story.', { maxTokens: 500 }), {
      signal: controller.signal,
      onText: (_, tokens) => {
        if (tokens === 4) controller.abort();
      },
    });
    const other = engine.generate(mixed[0] as GenerationRequest);
    await expect(story).rejects.toMatchObject({ name: 'AbortError' });
    expect((await other).text).toBe(expected);
    await expect(
      engine.generate(mixed[0] as GenerationRequest, { signal: controller.signal }),
    ).rejects.toThrow();
  });

  it('refuses a prompt that does not fit, and an adapter that it does not have', async () => {
    const long = engine.generate(ask('word '.repeat(2100)));
    await expect(long).rejects.toBeInstanceOf(EngineError);
    await expect(long).rejects.toThrow(/2047 at most/);
    const unknown = engine.generate({ ...ask('Hi'), adapters: [{ id: 'maria', scale: 1 }] });
    await expect(unknown).rejects.toThrow(/no adapter "maria"/);
  });

  it('ends with "length" when the context is used up', { timeout: 120_000 }, async () => {
    const request = ask('word '.repeat(2015), { temperature: 0, maxTokens: 100 });
    const { finish, promptTokens, tokens } = await engine.generate(request);
    expect(finish).toBe('length');
    expect(promptTokens + tokens).toBe(2049); // the last token is drawn after position 2048
  });
});

describe('NodeEngine without a model', () => {
  it('says that it has to be loaded', async () => {
    const unloaded = new NodeEngine(card, { modelsFolder: 'public/models' });
    await expect(unloaded.generate(ask('Hi'))).rejects.toBeInstanceOf(EngineLostError);
  });
});
