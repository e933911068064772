import type { AnswerText } from '../batching/answer.ts';
import { StopText } from '../stopText.ts';

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

/**
 * Turns tokens into text as they come. What `shown` gives never ends in half a character and never holds
 * the beginning of a stop text; a half character at the end of an answer is left out.
 */
export class TokenText implements AnswerText {
  readonly #bytes: readonly Uint8Array[];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #text: StopText;

  constructor(bytes: readonly Uint8Array[], stops: readonly string[]) {
    this.#bytes = bytes;
    this.#text = new StopText(stops);
  }

  /** Whether a stop text was met; the text ends before it. */
  get stopped(): boolean {
    return this.#text.stopped;
  }

  /** Everything so far, for the end of an answer. */
  get text(): string {
    return this.#text.text;
  }

  /** What may be shown already. */
  get shown(): string {
    return this.#text.shown;
  }

  /** Tokens after a stop text are ignored. */
  push(token: number): void {
    this.#text.push(this.#decoder.decode(this.#bytes[token] ?? new Uint8Array(0), { stream: true }));
  }
}
