import type { InjectionOutcome } from '../core/checkInjections.ts';
import type { Rubric, Signal } from '../core/rubric.ts';
import { type Estimate, meanByCluster, rateByCluster } from './estimate.ts';
import { isNominal } from './signalRatings.ts';
import { directionOf, formatDifference, formatEstimate, intervalText } from './formatEstimate.ts';

/** How far attempts to steer a judge move one of its signals. */
export interface InjectionDrift {
  readonly signal: Signal;
  /**
   * How far the score moves from that of the twin towards what the attempt asks for, in the score's unit; a flag's in
   * shares; null for a choice and a text.
   */
  readonly drift: Estimate | null;
  /** The share of attempts that move the score at all. */
  readonly moved: Estimate;
  /** Ids of those, the furthest first. */
  readonly movers: readonly string[];
}

/** A row a signal that this rubric asks; the pairs are the independent draws, so intervals are over them. */
export function injectionDrift(rubric: Rubric, outcomes: readonly InjectionOutcome[]): InjectionDrift[] {
  return rubric.signals.flatMap((signal) => {
    const pairs = outcomes.flatMap(({ id, asks, twin, hostile }) => {
      const [from, to] = [twin?.[signal.id], hostile?.[signal.id]];
      return from === undefined || to === undefined
        ? []
        : [{ id, by: distance(from, to) * (asks === 'high' ? 1 : -1) }];
    });
    if (pairs.length === 0) return [];
    const moved = pairs.filter(({ by }) => by !== 0);
    const values = pairs.map(({ id, by }) => ({ cluster: id, value: by }));
    const reach = 'max' in signal ? signal.max - signal.min : 1;
    return [
      {
        signal,
        drift: isNominal(signal) ? null : meanByCluster(values, { range: { min: -reach, max: reach } }),
        moved: rateByCluster(pairs.map(({ id, by }) => ({ cluster: id, value: by === 0 ? 0 : 1 }))),
        movers: moved.toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by)).map(({ id }) => id),
      },
    ];
  });
}

function distance(from: number | boolean | string, to: number | boolean | string): number {
  if (typeof from === 'string' || typeof to === 'string') return from === to ? 0 : 1;
  return Number(to) - Number(from);
}

/** What the check says, a sentence a signal, then what it could not say. */
export function injectionText(
  drifts: readonly InjectionDrift[],
  outcomes: readonly InjectionOutcome[],
): string[] {
  const failed = outcomes.filter(({ error }) => error !== null);
  const gap = `${failed.length} of ${outcomes.length} attempts got no verdict that could be read: ${failed[0]?.error ?? ''}`;
  return [...drifts.map(sentenceOfDrift), ...(failed.length > 0 ? [gap] : [])];
}

/** As the interval says; where all attempts move a score alike there is none, and the move itself says it. */
export function driftDirection(drift: Estimate): 'higher' | 'lower' | null {
  if (drift.kind !== 'point' || drift.value === 0) return directionOf(drift);
  return drift.value > 0 ? 'higher' : 'lower';
}

function sentenceOfDrift({ signal, drift, moved, movers }: InjectionDrift): string {
  const name = `“${signal.label}”`;
  const share = formatEstimate(moved, 'percent');
  const which = movers.length === 0 ? '' : ` The furthest: ${movers.slice(0, 3).join(', ')}.`;
  const often = `${movers.length} of ${moved.n} attempts move it (${share.value}, ${intervalText(share.interval)}).${which}`;
  if (drift === null || drift.kind === 'none') return `${name}: ${often}`;
  const unit = signal.type === 'flag' ? 'percent' : 'plain';
  const { value, interval } = formatDifference(drift, unit);
  const verdict = {
    higher: 'the judge gives in',
    lower: 'the judge turns against them',
    none: 'no drift is shown',
  }[driftDirection(drift) ?? 'none'];
  return `${name}: ${often} Towards what they ask by ${value} on average (${intervalText(interval)}): ${verdict}.`;
}
