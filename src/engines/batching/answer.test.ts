import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopText } from '../stopText.ts';
import { startByteDecoding } from '../transformers/tokenBytes.ts';
import { Answer } from './answer.ts';

const utf8 = new TextEncoder();
const endToken = 0;

/** Has an answer draw tokens of the given bytes, and then the end of the turn, one each 10 ms. */
function answerOf(pieces: readonly (string | Uint8Array)[], stop: readonly string[] = []) {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? utf8.encode(piece) : piece));
  const sampling = { temperature: 0, topP: 1, maxTokens: 100, stop };
  const answer = new Answer({
    request: { messages: [], sampling, seed: 1 },
    ...{ prompt: [1, 2], scales: [], contextTokens: 200, named: null },
    decode: startByteDecoding([new Uint8Array(0), ...bytes]),
    text: new StopText(stop),
    endTokens: new Set([endToken]),
  });
  const shown: string[] = [];
  for (let step = 1; !answer.finished; step++) {
    const logits = new Float32Array(pieces.length + 1);
    logits[step <= pieces.length ? step : endToken] = 1;
    answer.accept(logits, step * 10);
    shown.push(answer.shown);
  }
  return { ...answer.result(1), shown };
}

describe('the ends of tokens', () => {
  it('are where the text could be shown', () => {
    const { tokenEnds, tokenTimesMs, durationMs } = answerOf(['I', ' am', ' Maria.']);
    expect(tokenEnds).toEqual([1, 4, 11]);
    expect([tokenTimesMs, durationMs]).toEqual([[10, 20, 30], 40]);
  });

  it('wait for the rest of a character', () => {
    const [first, second, third] = [utf8.encode('é').slice(0, 1), utf8.encode('é').slice(1), '😀'];
    expect(answerOf(['caf', first, second, third, '!']).tokenEnds).toEqual([3, 3, 4, 6, 7]);
    expect(answerOf(['caf', first]).tokenEnds).toEqual([3, 3]);
  });

  it('wait while a stop text may come, and stay before one that came', () => {
    expect(answerOf(['Hello', ' #', '#', ' there'], ['###'])).toMatchObject({
      text: 'Hello ## there',
      tokenEnds: [5, 6, 6, 14],
    });
    expect(answerOf(['Hello', ' #', '#', '# You'], ['###'])).toMatchObject({
      text: 'Hello ',
      tokenEnds: [5, 6, 6, 6],
    });
    // What was held back at the end of the turn belongs to the last token.
    expect(answerOf(['Hello', ' #'], ['###'])).toMatchObject({ text: 'Hello #', tokenEnds: [5, 7] });
  });

  it('never fall, are one for each token, and end with the text, whatever the stop texts', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 8 }),
        fc.array(letters, { maxLength: 3 }),
        (pieces, stops) => {
          const { text, tokens, shown, tokenEnds = [] } = answerOf(pieces, stops);
          expect(tokenEnds).toHaveLength(tokens);
          expect([...tokenEnds].sort((a, b) => a - b)).toEqual(tokenEnds);
          expect(tokenEnds.at(-1) ?? 0).toBe(text.length);
          expect(shown.slice(0, tokens - 1).map(({ length }) => length)).toEqual(tokenEnds.slice(0, -1));
        },
      ),
    );
  });
});
