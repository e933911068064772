import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../core/recordings.ts';
import { replaySteps } from './replaySteps.ts';

const plain: Recording = {
  ...{ text: 'I am Maria, hello.', finish: 'stop', promptTokens: 12, tokens: 4, durationMs: 800 },
  ...{ recordedAt: '2026-11-28T12:00:00.000Z', device: 'wasm' },
};
const told = (recording: Recording) =>
  replaySteps(recording).map(({ atMs, end }) => [atMs, recording.text.slice(0, end)]);

describe('replaySteps', () => {
  it('spreads an answer without times evenly, at the borders of words', () => {
    expect(told(plain)).toEqual([
      [200, 'I am'],
      [400, 'I am '],
      [600, 'I am Maria, '],
      [800, 'I am Maria, hello.'],
    ]);
  });

  it('takes stored times, and spreads the text where its ends are not stored or not as many', () => {
    const timed = { ...plain, tokenTimesMs: [1, 2, 700, 701] };
    expect(told(timed)[2]).toEqual([700, 'I am Maria, ']);
    expect(told({ ...timed, tokenEnds: [2, 18] })).toEqual(told(timed));
    expect(told({ ...timed, tokenEnds: [1, 1, 4, 18] })).toEqual([
      [1, 'I'],
      [2, 'I'],
      [700, 'I am'],
      [701, plain.text],
    ]);
  });

  it('shows text that came without a token, and nothing of an empty answer', () => {
    expect(told({ ...plain, tokens: 0 })).toEqual([[800, plain.text]]);
    expect(told({ ...plain, text: '', tokens: 0, durationMs: 0 })).toEqual([]);
  });

  it('never takes text back, never cuts a character, and ends with all of it', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('你好，我叫玛丽亚。', '🏴‍☠️👩‍👩‍👧 ahoy'),
    );
    fc.assert(
      fc.property(texts, fc.nat(60), (text, tokens) => {
        const ends = replaySteps({ ...plain, text, tokens }).map(({ end }) => end);
        expect([...ends].sort((a, b) => a - b)).toEqual(ends);
        expect(ends.at(-1)).toBe(text.length);
        for (const end of ends) expect(text.slice(0, end)).not.toMatch(/[\uD800-\uDBFF]$/);
      }),
    );
    const wild = { ...plain, tokenTimesMs: [1, 2, 3], tokenEnds: [9, 2, 99] };
    expect(replaySteps(wild).map(({ end }) => end)).toEqual([9, 9, 18]);
  });
});
