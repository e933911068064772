import { seedOf } from '../core/ids.ts';
import type { Signal } from '../core/rubric.ts';
import type { JudgedAnswer } from './answers.ts';

/**
 * A verdict's score as a number: a flag is 0 or 1, a choice the place of its option, a text a hash that equals that of the
 * same words alone, whatever their case; null where there is none.
 */
export function ratingOf(signal: Signal, { verdict }: JudgedAnswer): number | null {
  const score = verdict?.status === 'scored' ? verdict.scores[signal.id] : undefined;
  if (score === undefined) return null;
  if (signal.type === 'text') return seedOf(String(score).toLowerCase());
  if (signal.type !== 'choice') return Number(score);
  return signal.options.findIndex(({ id }) => id === score);
}

/** Such a number in words; not of a text, which its hash does not tell. */
export function ratingText(signal: Exclude<Signal, { type: 'text' }>, value: number): string {
  if (signal.type === 'choice') return signal.options[value]?.label ?? '';
  if (signal.type === 'flag') return value === 1 ? 'yes' : 'no';
  return String(value);
}

/** Whether two ratings can be more or less far apart. */
export function isOnScale(signal: Signal): boolean {
  return signal.type === 'score' || signal.type === 'number';
}

/** Whether ratings are names, of which no mean or spread can be told. */
export function isNominal(signal: Signal): boolean {
  return signal.type === 'choice' || signal.type === 'text';
}
