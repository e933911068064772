import type { AnswerText } from '../../batching/answer.ts';
import { StopText } from '../../stopText.ts';

/**
 * Text of tokens as web-llm 0.2.86 makes it: all tokens are decoded anew each time, and half a character waits for
 * its other half; at the end of an answer it is left out.
 */
export class DecodedText implements AnswerText {
  readonly #decode: (ids: Int32Array) => string;
  readonly #tokens: number[] = [];
  readonly #text: StopText;
  #length = 0;

  constructor(decode: (ids: Int32Array) => string, stops: readonly string[]) {
    this.#decode = decode;
    this.#text = new StopText(stops);
  }

  get stopped(): boolean {
    return this.#text.stopped;
  }

  get text(): string {
    return this.#text.text;
  }

  get shown(): string {
    return this.#text.shown;
  }

  push(token: number): void {
    this.#tokens.push(token);
    const decoded = this.#decode(Int32Array.from(this.#tokens));
    // An unfinished character decodes to replacement signs. Four in a row are text of their own: no character is longer.
    const signs = decoded.length - decoded.replace(/\uFFFD+$/, '').length;
    if (signs % 4 !== 0) return;
    this.#text.push(decoded.slice(this.#length));
    this.#length = decoded.length;
  }
}
