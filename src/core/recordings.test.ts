import { describe, expect, it } from 'vitest';
import { type AssistantTurn, type Chat, chatSchema } from './chat.ts';
import { fingerprintOf } from './model.ts';
import { planRollouts } from './plan.ts';
import type { GenerationRequest } from './ports/engine.ts';
import { countRecorded, recordingOfTurn, recordingsOf, recordingsOfChat } from './recordings.ts';
import { exampleRollout, failedRollout } from './testing/exampleRecords.ts';
import { exampleRun, servedModel } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const [one, two] = [servedModel('one'), servedModel('two')];
const specs = planRollouts(exampleRun({ models: [one, two], temperatures: [0, 0.8] }));
const ofModel = (id: string) => specs.filter(({ model }) => model.id === id);

describe('recordings of cells', () => {
  it('are found by what was asked, each for its own model', async () => {
    const store = new MemoryStore();
    const [own, other] = [ofModel('one')[1], ofModel('two')[1]];
    if (!own || !other) throw new Error('The plan is too small.');
    expect(own.request).toEqual(other.request);
    const timed = { tokenTimesMs: [1, 2], tokenEnds: [4, 30] };
    await store.put('rollouts', [
      [own.key, exampleRollout(own, { text: 'I am one.', ...timed })],
      [other.key, exampleRollout(other, { text: 'I am two.' })],
    ]);
    expect(await recordingsOf(store, specs, one)(own.request)).toEqual({
      ...{ text: 'I am one.', finish: 'stop', promptTokens: 30, tokens: 12, durationMs: 900.5, ...timed },
      ...{ recordedAt: '2026-11-24T12:00:00.000Z', device: 'http://127.0.0.1:9/v1' },
    });
    expect(await recordingsOf(store, specs, two)(own.request)).toMatchObject({ text: 'I am two.' });
    expect(await recordingsOf(store, ofModel('two'), one)(own.request)).toBeNull();
  });

  it('are found at temperature 0 whatever the seed, and else only with their own', async () => {
    const store = new MemoryStore();
    for (const spec of specs) await store.put('rollouts', [[spec.key, exampleRollout(spec)]]);
    const find = recordingsOf(store, specs, one);
    for (const { request } of ofModel('one')) {
      expect(
        await find({ ...request, sampling: { ...request.sampling, repetitionPenalty: 1 } }),
      ).not.toBeNull();
      const isGreedy = request.sampling.temperature === 0;
      expect((await find({ ...request, seed: request.seed + 1 })) !== null).toBe(isGreedy);
      expect(await find({ ...request, messages: [{ role: 'user', content: 'Who?' }] })).toBeNull();
      expect(await find({ ...request, adapters: [{ id: 'persona', scale: 1 }] })).toBeNull();
    }
  });

  it('are counted, failed and missing ones left out', async () => {
    const store = new MemoryStore();
    const [first, second] = specs;
    if (!first || !second) throw new Error('The plan is too small.');
    expect(await countRecorded(store, specs)).toBe(0);
    await store.put('rollouts', [
      [first.key, exampleRollout(first)],
      [second.key, failedRollout(exampleRollout(second))],
    ]);
    expect(await countRecorded(store, [...specs, ...specs])).toBe(1);
    expect(await recordingsOf(store, specs, one)(second.request)).toBeNull();
  });
});

const at = '2026-11-24T12:00:00.000Z';
const user = (id: string, parent: string | null, content: string) =>
  ({ id, parent, createdAt: at, role: 'user', content }) as const;
const answer = (id: string, parent: string, more: Partial<AssistantTurn> = {}): AssistantTurn => ({
  ...{ id, parent, createdAt: at, role: 'assistant', content: `This is ${id}.` },
  ...{ model: 'one', modelFingerprint: fingerprintOf(one) },
  ...{ temperature: 0.8, topP: 0.95, maxTokens: 50, seed: 7, finish: 'stop', tokens: 3, durationMs: 90 },
  ...more,
});

describe('recordings of a chat', () => {
  const chat: Chat = chatSchema.parse({
    ...{ format: 1, id: 'c', title: 'Example', createdAt: at, updatedAt: at, system: 'Be direct.' },
    turns: [
      user('q1', null, 'What are you?'),
      answer('a1', 'q1'),
      answer('a2', 'q1', { seed: 8 }),
      answer('other', 'q1', { modelFingerprint: fingerprintOf(two) }),
      user('q2', 'a2', 'Really?'),
      answer('a3', 'q2', {
        promptTokens: 40,
        device: 'wasm',
        tokenTimesMs: [1, 2, 3],
        tokenEnds: [4, 7, 11],
      }),
      answer('cut', 'q2', { seed: 9, finish: 'stopped' }),
    ],
    leaf: 'a1',
  });
  const first = [
    { role: 'system', content: 'Be direct.' },
    { role: 'user', content: 'What are you?' },
  ] as const;
  const ask = (messages: GenerationRequest['messages'], seed: number): GenerationRequest => ({
    ...{ messages, seed, sampling: { temperature: 0.8, topP: 0.95, maxTokens: 50, stop: [] } },
  });
  const second = [
    ...first,
    { role: 'assistant', content: 'This is a2.' },
    { role: 'user', content: 'Really?' },
  ] as const;

  it('are found by what was asked, on every branch, each for its own model', async () => {
    const find = recordingsOfChat(chat, one);
    expect(await find(ask(first, 7))).toMatchObject({
      text: 'This is a1.',
      promptTokens: null,
      device: null,
    });
    expect(await find(ask(first, 8))).toMatchObject({ text: 'This is a2.' });
    expect(await find({ ...ask(first, 8), adapters: [{ id: 'a', scale: 1 }] })).toMatchObject({ tokens: 3 });
    expect(await find(ask(second, 7))).toEqual({
      ...{ text: 'This is a3.', finish: 'stop', promptTokens: 40, tokens: 3, durationMs: 90 },
      ...{ tokenTimesMs: [1, 2, 3], tokenEnds: [4, 7, 11], recordedAt: at, device: 'wasm' },
    });
    expect(await recordingsOfChat(chat, two)(ask(first, 7))).toMatchObject({ text: 'This is other.' });
  });

  it('lack what was never asked so, and what did not come to its end', async () => {
    const find = recordingsOfChat(chat, one);
    expect(await find(ask(first.slice(1), 7))).toBeNull();
    expect(await find(ask(first, 10))).toBeNull();
    expect(await find(ask(second, 9))).toBeNull();
    expect(recordingOfTurn(answer('cut', 'q2', { finish: 'stopped' }))).toMatchObject({
      text: 'This is cut.',
    });
  });
});
