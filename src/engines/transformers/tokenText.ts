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
export class TokenText {
  readonly #bytes: readonly Uint8Array[];
  readonly #stops: readonly string[];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #text = '';
  #stopped = false;

  constructor(bytes: readonly Uint8Array[], stops: readonly string[]) {
    this.#bytes = bytes;
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Whether a stop text was met; the text ends before it. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Everything so far, for the end of an answer. */
  get text(): string {
    return this.#text;
  }

  /** What may be shown already: the end of it cannot turn into a stop text any more. */
  get shown(): string {
    if (this.#stopped) return this.#text;
    const held = Math.max(0, ...this.#stops.map((stop) => overlap(this.#text, stop)));
    return this.#text.slice(0, this.#text.length - held);
  }

  /** Tokens after a stop text are ignored. */
  push(token: number): void {
    if (this.#stopped) return;
    const before = this.#text.length;
    this.#text += this.#decoder.decode(this.#bytes[token] ?? new Uint8Array(0), { stream: true });
    const cuts = this.#stops
      .map((stop) => this.#text.indexOf(stop, Math.max(0, before - stop.length)))
      .filter((at) => at >= 0);
    if (cuts.length === 0) return;
    this.#stopped = true;
    this.#text = this.#text.slice(0, Math.min(...cuts));
  }
}

/** Length of the longest end of `text` that a stop text begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
