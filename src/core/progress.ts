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

/** A duration for people: 40 s, 5 min, 2 h 10 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
