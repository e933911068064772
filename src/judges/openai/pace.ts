import { abortable } from '../../core/abortable.ts';

/** Lets calls begin at a steady rate. */
export class Pace {
  readonly #gapMs: number;
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  #nextMs = Number.NEGATIVE_INFINITY;

  /** No limit where `perMinute` is absent. */
  constructor(
    perMinute: number | undefined,
    time: { readonly now: () => number; readonly wait: (ms: number) => Promise<void> } = systemTime,
  ) {
    this.#gapMs = perMinute === undefined ? 0 : 60_000 / perMinute;
    this.#now = time.now;
    this.#wait = time.wait;
  }

  /** Resolves when the next call may begin; an aborted wait gives its place up only in name, which costs one gap. */
  async next(signal?: AbortSignal): Promise<void> {
    if (this.#gapMs === 0) return;
    const nowMs = this.#now();
    const startMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = startMs + this.#gapMs;
    if (startMs > nowMs) await abortable(this.#wait(startMs - nowMs), signal);
  }
}

const systemTime = {
  now: () => performance.now(),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};
