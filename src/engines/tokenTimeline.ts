import type { Generation } from '../core/ports/engine.ts';

/** When each token of an answer came, and how much of the text could be shown then. */
export class TokenTimeline {
  readonly #timesMs: number[] = [];
  readonly #ends: number[] = [];

  get tokens(): number {
    return this.#timesMs.length;
  }

  /** `timeMs`: since admission. `shown`: the text that may be shown from now on. */
  push(timeMs: number, shown: string): void {
    // Finer than anyone sees, and a third of the digits in stored files; down, so as not to pass the duration.
    this.#timesMs.push(Math.floor(timeMs * 10) / 10);
    this.#ends.push(shown.length);
  }

  /** For the whole text: the last token brings what was held back until then. */
  result(text: string): Required<Pick<Generation, 'tokenTimesMs' | 'tokenEnds'>> {
    const last = this.tokens - 1;
    const tokenEnds = this.#ends.map((end, index) => (index === last ? text.length : end));
    return { tokenTimesMs: [...this.#timesMs], tokenEnds };
  }
}
