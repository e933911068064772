import type { DecodeToken } from '../batching/answer.ts';

/**
 * The bytes of every token of a byte-level BPE vocabulary. Such a vocabulary writes a byte as one letter:
 * printable ones as themselves, the others as letters from U+0100 on, in order.
 * Tokens in `special` have no bytes.
 */
export function tokenBytes(
  vocabulary: ReadonlyMap<string, number>,
  special: ReadonlySet<number>,
): Uint8Array[] {
  const byteOf = letterBytes();
  const bytes: Uint8Array[] = [];
  for (const [token, id] of vocabulary) {
    const letters = special.has(id) ? [] : [...token];
    bytes[id] = Uint8Array.from(letters, (letter) => byteOf.get(letter) ?? 0x3f);
  }
  return bytes;
}

function letterBytes(): Map<string, number> {
  const letters = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    letters.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return letters;
}

/** Turns the bytes of tokens into text as they come; half a character at the end of an answer is left out. */
export function startByteDecoding(bytes: readonly Uint8Array[]): DecodeToken {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (token) => decoder.decode(bytes[token] ?? new Uint8Array(0), { stream: true });
}
