import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StopText } from '../stopText.ts';
import { startByteDecoding, tokenBytes } from './tokenBytes.ts';

// One token per byte, as a byte-level vocabulary writes them.
const single = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

/** The text of an answer, made as the batcher makes it. */
function startText(stops: readonly string[]) {
  const text = new StopText(stops);
  const decode = startByteDecoding(single);
  const push = (token: number): void => text.push(decode(token));
  const pushAll = (content: string): string[] =>
    [...new TextEncoder().encode(content)].map((byte) => {
      push(byte);
      return text.shown;
    });
  return { text, push, pushAll };
}

describe('tokenBytes', () => {
  it('knows the letters of bytes, and gives special tokens none', () => {
    const bytes = tokenBytes(
      new Map([
        ['ĠParis', 0],
        ['Ã©', 1],
        ['<|im_end|>', 2],
        ['Ċ', 3],
      ]),
      new Set([2]),
    );
    expect(bytes.map((value) => new TextDecoder().decode(value))).toEqual([' Paris', 'é', '', '\n']);
  });
});

describe('startByteDecoding', () => {
  it('never shows half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (content) => {
        const { text, pushAll } = startText([]);
        const shown = pushAll(content);
        for (const part of shown) expect(content.startsWith(part) && !part.includes('\uFFFD')).toBe(true);
        expect(text.text).toBe(content);
      }),
    );
  });

  it('leaves out a half character at the end', () => {
    const { text, push } = startText([]);
    for (const byte of [0x61, 0xf0, 0x9f]) push(byte);
    expect(text.text).toBe('a');
  });

  it('ends before the first stop text and never shows a part of it', () => {
    const { text, pushAll } = startText(['\nUser:', '###']);
    const shown = pushAll('Yes.\nUse it.\nUser: no');
    expect(text.stopped).toBe(true);
    expect(text.text).toBe('Yes.\nUse it.');
    for (const part of shown) expect('Yes.\nUse it.'.startsWith(part)).toBe(true);
  });

  it('shows what was held back once it cannot be a stop text', () => {
    const { text, pushAll } = startText(['##!']);
    pushAll('a##');
    expect(text.shown).toBe('a');
    pushAll('#');
    expect(text.shown).toBe('a#');
    pushAll('b');
    expect(text.shown).toBe('a###b');
  });
});
