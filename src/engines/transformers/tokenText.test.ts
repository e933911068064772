import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenBytes, TokenText } from './tokenText.ts';

// One token per byte, as a byte-level vocabulary writes them.
const single = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

function pushAll(text: TokenText, content: string): string[] {
  return [...new TextEncoder().encode(content)].map((byte) => {
    text.push(byte);
    return text.shown;
  });
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

describe('TokenText', () => {
  it('never shows half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (content) => {
        const text = new TokenText(single, []);
        const shown = pushAll(text, content);
        for (const part of shown) expect(content.startsWith(part) && !part.includes('\uFFFD')).toBe(true);
        expect(text.text).toBe(content);
      }),
    );
  });

  it('leaves out a half character at the end', () => {
    const text = new TokenText(single, []);
    for (const byte of [0x61, 0xf0, 0x9f]) text.push(byte);
    expect(text.text).toBe('a');
  });

  it('ends before the first stop text and never shows a part of it', () => {
    const text = new TokenText(single, ['\nUser:', '###']);
    const shown = pushAll(text, 'Yes.\nUse it.\nUser: no');
    expect(text.stopped).toBe(true);
    expect(text.text).toBe('Yes.\nUse it.');
    for (const part of shown) expect('Yes.\nUse it.'.startsWith(part)).toBe(true);
  });

  it('shows what was held back once it cannot be a stop text', () => {
    const text = new TokenText(single, ['##!']);
    pushAll(text, 'a##');
    expect(text.shown).toBe('a');
    pushAll(text, '#');
    expect(text.shown).toBe('a#');
    pushAll(text, 'b');
    expect(text.shown).toBe('a###b');
  });
});
