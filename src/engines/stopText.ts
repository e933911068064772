/** Text that grows and ends before the first stop text in it. `shown` never holds the beginning of one. */
export class StopText {
  readonly #stops: readonly string[];
  #text = '';
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
  }

  /** Whether a stop text was met; nothing is added after it. */
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

  push(piece: string): void {
    if (this.#stopped) return;
    const before = this.#text.length;
    this.#text += piece;
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
