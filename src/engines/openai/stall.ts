/** Ends a stream that has gone silent; the SDK's own time limit ends with the first byte. */
export class Stall {
  readonly #limitMs: number;
  readonly #controller = new AbortController();
  /** Each parent with its listener. AbortSignal.any would do, but Node can lose such a signal to its garbage collection. */
  readonly #links: readonly (readonly [AbortSignal, () => void])[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(limitMs: number, parents: readonly AbortSignal[]) {
    this.#limitMs = limitMs;
    this.#links = parents.map((parent) => [parent, () => this.#controller.abort(parent.reason)] as const);
    for (const [parent, stop] of this.#links) {
      if (parent.aborted) stop();
      parent.addEventListener('abort', stop, { once: true });
    }
  }

  /** Aborted by the silence, or for a parent's reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether silence ended the stream. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Counts anew from now. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#controller.abort(new Error('The stream went silent.'));
    }, this.#limitMs);
  }

  /** Has to be called, or the parents hold on to this. */
  end(): void {
    clearTimeout(this.#timer);
    for (const [parent, stop] of this.#links) parent.removeEventListener('abort', stop);
  }
}
