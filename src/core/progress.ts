/** Enough finished work in this session to extrapolate from, in milliseconds since it began. */
export interface Pace {
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** Items finished since `startedAtMs`. */
  readonly finished: number;
  /** Items still to do. */
  readonly left: number;
}

/** Items a second; null until the first is finished. */
export function ratePerSecond({ startedAtMs, nowMs, finished }: Pace): number | null {
  const seconds = (nowMs - startedAtMs) / 1000;
  return finished === 0 || seconds <= 0 ? null : finished / seconds;
}

/** Seconds left at the pace so far; null while there is none. */
export function secondsLeft(pace: Pace): number | null {
  const rate = ratePerSecond(pace);
  return rate === null ? null : pace.left / rate;
}

/** Shorter, and the number would flicker; longer, and it would not be "now". */
const recentMs = 5_000;
/** Counts that come within this time are kept as one. */
const grainMs = 250;

/** How fast something goes on now: over the last five seconds, or since its beginning. */
export class RecentRate {
  readonly #startedAtMs: number;
  #counts: { readonly atMs: number; count: number }[] = [];

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
  }

  add(count: number, nowMs: number): void {
    const last = this.#counts.at(-1);
    if (last && nowMs - last.atMs < grainMs) last.count += count;
    else this.#counts = [...this.#since(nowMs - recentMs), { atMs: nowMs, count }];
  }

  /** Null until the first was counted, and for the first second, which tells too little. */
  perSecond(nowMs: number): number | null {
    if (this.#counts.length === 0 || nowMs - this.#startedAtMs < 1000) return null;
    const fromMs = Math.max(this.#startedAtMs, nowMs - recentMs);
    const count = this.#since(fromMs).reduce((sum, part) => sum + part.count, 0);
    return count / ((nowMs - fromMs) / 1000);
  }

  #since(fromMs: number) {
    return this.#counts.filter(({ atMs }) => atMs >= fromMs);
  }
}

/** A duration for people: 40 s, 5 min, 2 h 10 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
