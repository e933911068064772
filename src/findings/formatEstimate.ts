import type { Estimate } from './estimate.ts';
import type { Measure } from './measures.ts';

/** `percent`: from 0 to 1, shown times 100. */
export type Unit = 'percent' | 'plain';

export interface EstimateText {
  /** As "71 %" or "43"; "–" when there is nothing to estimate from. */
  readonly value: string;
  /** As "60–80 %"; null without an interval. */
  readonly interval: string | null;
}

/** Rates and rewards, whose scale is from 0 to 1, are shown in per cent. */
export function unitOf(measure: Pick<Measure, 'type' | 'id'>): Unit {
  return measure.type === 'rate' || measure.id === 'reward' ? 'percent' : 'plain';
}

/**
 * Whole numbers, with one decimal where the interval reaches less than one unit to a side: more would pretend to
 * a precision that the interval denies. A share that is not quite 0 or 100 % never reads as if it were.
 */
export function formatEstimate(estimate: Estimate, unit: Unit): EstimateText {
  if (estimate.kind === 'none') return { value: '–', interval: null };
  const factor = unit === 'percent' ? 100 : 1;
  const sign = unit === 'percent' ? ' %' : '';
  const decimals = decimalsOf(estimate, unit);
  const show = (number: number) => plainNumber(number * factor, decimals);
  const value = (unit === 'percent' ? nearEnd(estimate.value, decimals) : null) ?? show(estimate.value);
  if (estimate.kind === 'point') return { value: value + sign, interval: null };
  return { value: value + sign, interval: `${show(estimate.low)}–${show(estimate.high)}${sign}` };
}

/** As "+12 points" and "+3 to +21"; a difference of shares is in points of 100. */
export function formatDifference(estimate: Estimate, unit: Unit): EstimateText {
  if (estimate.kind === 'none') return { value: '–', interval: null };
  const ends = estimate.kind === 'point' ? [estimate.value] : [estimate.low, estimate.high];
  // On a short scale a difference of half a step is one, however wide its interval.
  const short = unit === 'plain' && ends.every((end) => Math.abs(end) < 10);
  const decimals = short ? 1 : decimalsOf(estimate, unit);
  const show = (number: number) => {
    const text = plainNumber(number * (unit === 'percent' ? 100 : 1), decimals);
    return Number(text) > 0 ? `+${text}` : text;
  };
  const value = `${show(estimate.value)}${unit === 'percent' ? ' points' : ''}`;
  if (estimate.kind === 'point') return { value, interval: null };
  return { value, interval: `${show(estimate.low)} to ${show(estimate.high)}` };
}

/** With two decimals, as correlations and agreements are given. */
export function formatCoefficient(estimate: Estimate): EstimateText {
  if (estimate.kind === 'none') return { value: '–', interval: null };
  const show = (number: number) => (Math.abs(number) < 0.005 ? '0.00' : number.toFixed(2));
  const value = show(estimate.value);
  if (estimate.kind === 'point') return { value, interval: null };
  return { value, interval: `${show(estimate.low)} to ${show(estimate.high)}` };
}

/** As "1 answer" and "7 answers". */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Within a sentence: "95 % interval 60–80 %". */
export function intervalText(interval: string | null): string {
  return interval === null ? 'no interval' : `95 % interval ${interval}`;
}

/** Within a sentence: "95 % interval 60–80 %, 240 answers to 60 prompts". */
export function certaintyText(interval: string | null, { n, clusters }: Estimate): string {
  return `${intervalText(interval)}, ${counted(n, 'answer')} to ${counted(clusters, 'prompt')}`;
}

/** What an interval says of a difference: null where it holds 0, or where there is none. */
export function directionOf(estimate: Estimate): 'higher' | 'lower' | null {
  if (estimate.kind !== 'interval') return null;
  if (estimate.low > 0) return 'higher';
  return estimate.high < 0 ? 'lower' : null;
}

function decimalsOf(estimate: Exclude<Estimate, { kind: 'none' }>, unit: Unit): 0 | 1 {
  // Without an interval the size of the number decides: 3.5 of 5 is not 4.
  if (estimate.kind === 'point') return unit === 'plain' && Math.abs(estimate.value) < 10 ? 1 : 0;
  const reach = ((estimate.high - estimate.low) / 2) * (unit === 'percent' ? 100 : 1);
  return reach > 0 && reach < 1 ? 1 : 0;
}

function nearEnd(rate: number, decimals: 0 | 1): string | null {
  const step = decimals === 1 ? 0.1 : 1;
  const shown = plainNumber(rate * 100, decimals);
  if (rate > 0 && shown === plainNumber(0, decimals)) return `under ${step}`;
  if (rate < 1 && shown === plainNumber(100, decimals)) return `over ${100 - step}`;
  return null;
}

/** Without a trailing ".0" for nought and without "-0". */
function plainNumber(number: number, decimals: 0 | 1): string {
  const text = number.toFixed(decimals);
  return Number(text) === 0 ? '0' : text;
}
