import { describe, expect, it } from 'vitest';
import type { AssistantTurn } from './chat.ts';
import { planRollouts } from './plan.ts';
import { countRecorded, recordingOfRollout, recordingOfTurn } from './recordings.ts';
import { exampleRollout, failedRollout } from './testing/exampleRecords.ts';
import { exampleRun, servedModel } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';

const specs = planRollouts(
  exampleRun({ models: [servedModel('one'), servedModel('two')], temperatures: [0, 0.8] }),
);
const [first, second] = specs;
if (!first || !second) throw new Error('The plan is too small.');

describe('recordings of cells', () => {
  it('have the times, the date and the device of the answer', () => {
    const timed = { tokenTimesMs: [1, 2], tokenEnds: [4, 30] };
    expect(recordingOfRollout(exampleRollout(first, { text: 'I am one.', ...timed }))).toEqual({
      ...{ text: 'I am one.', finish: 'stop', promptTokens: 30, tokens: 12, durationMs: 900.5, ...timed },
      ...{ recordedAt: '2026-11-24T12:00:00.000Z', device: 'http://127.0.0.1:9/v1' },
    });
  });

  it('are counted, failed and missing ones left out', async () => {
    const store = new MemoryStore();
    expect(await countRecorded(store, specs)).toBe(0);
    await store.put('rollouts', [
      [first.key, exampleRollout(first)],
      [second.key, failedRollout(exampleRollout(second))],
    ]);
    expect(await countRecorded(store, [...specs, ...specs])).toBe(1);
  });
});

const at = '2026-11-24T12:00:00.000Z';
const answer = (id: string, more: Partial<AssistantTurn> = {}): AssistantTurn => ({
  ...{ id, parent: 'q1', createdAt: at, role: 'assistant', content: `This is ${id}.` },
  ...{ model: 'one', modelFingerprint: 'one' },
  ...{ temperature: 0.8, topP: 0.95, maxTokens: 50, seed: 7, finish: 'stop', tokens: 3, durationMs: 90 },
  ...more,
});

describe('recordings of turns', () => {
  it('have what is stored, and null for what is not', () => {
    const timed = { tokenTimesMs: [1, 2, 3], tokenEnds: [4, 7, 11] };
    expect(recordingOfTurn(answer('a1'))).toMatchObject({
      text: 'This is a1.',
      promptTokens: null,
      device: null,
    });
    expect(recordingOfTurn(answer('a3', { promptTokens: 40, device: 'wasm', ...timed }))).toEqual({
      ...{ text: 'This is a3.', finish: 'stop', promptTokens: 40, tokens: 3, durationMs: 90 },
      ...{ ...timed, recordedAt: at, device: 'wasm' },
    });
    expect(recordingOfTurn(answer('cut', { finish: 'stopped' }))).toMatchObject({ text: 'This is cut.' });
  });
});
