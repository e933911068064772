/** A dead GPU is noticed within this time; nobody in a hall minds a pause that is shorter. */
const leastMs = 1_500;
/** A model that takes so much longer than it does usually has died. */
const tolerance = 4;

/** Tells when no sign of life comes though it should. */
export class StallWatch {
  readonly #onStall: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #beganAtMs = 0;
  #firstSignMs: number | null = null;
  #reads = 0;
  #firstTokenMs: number | null = null;
  #tokens = 0;

  constructor(onStall: () => void) {
    this.#onStall = onStall;
  }

  /** Milliseconds from the request to the first part of the prompt that was read, or token; null until there was one. */
  get firstSignMs(): number | null {
    return this.#firstSignMs;
  }

  /** Waits for something for as long as given. */
  expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onStall, ms);
  }

  /** A request was made; `usualMs` is what its first sign takes usually. */
  begin(usualMs: number): void {
    this.#beganAtMs = Date.now();
    this.expectWithin(patienceFor(usualMs));
  }

  /** A part of a prompt was read, of whichever answer. */
  read(): void {
    // Somebody speaks already, whose tokens tell more.
    if (this.#tokens > 0) return;
    this.#reads += 1;
    const elapsedMs = this.#elapse();
    this.expectWithin(patienceFor(elapsedMs / this.#reads));
  }

  /** A token came, of whichever answer. */
  take(): void {
    const elapsedMs = this.#elapse();
    this.#firstTokenMs ??= elapsedMs;
    this.#tokens += 1;
    this.expectWithin(patienceFor((elapsedMs - this.#firstTokenMs) / this.#tokens));
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #elapse(): number {
    const elapsedMs = Date.now() - this.#beganAtMs;
    this.#firstSignMs ??= elapsedMs;
    return elapsedMs;
  }
}

function patienceFor(usualMs: number): number {
  return Math.max(leastMs, tolerance * usualMs);
}
