/** A model that answers for the first time may have to warm up. */
const firstEverMs = 6_000;
/** A dead GPU is noticed within this time; nobody in a hall minds a pause that is shorter. */
const leastMs = 1_500;
/** A model that takes so much longer than it does usually has died. */
const tolerance = 4;

/** Tells when no token comes though it should. */
export class StallWatch {
  readonly #onStall: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #beganAtMs = 0;
  #firstAtMs: number | null = null;
  #tokens = 0;

  constructor(onStall: () => void) {
    this.#onStall = onStall;
  }

  /** Milliseconds from the request to the first token; null until there was one. */
  get firstTokenMs(): number | null {
    return this.#firstAtMs === null ? null : this.#firstAtMs - this.#beganAtMs;
  }

  /** Waits for something for as long as given. */
  expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onStall, ms);
  }

  /** A request was made; `usualMs` is what its first token took before, null where nobody knows. */
  begin(usualMs: number | null): void {
    this.#beganAtMs = Date.now();
    this.#firstAtMs = null;
    this.#tokens = 0;
    this.expectWithin(usualMs === null ? firstEverMs : patienceFor(usualMs));
  }

  /** A token came, of whichever answer. */
  take(): void {
    const nowMs = Date.now();
    this.#firstAtMs ??= nowMs;
    this.#tokens += 1;
    this.expectWithin(patienceFor((nowMs - this.#firstAtMs) / this.#tokens));
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function patienceFor(usualMs: number): number {
  return Math.max(leastMs, tolerance * usualMs);
}
