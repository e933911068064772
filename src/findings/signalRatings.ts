import type { Signal } from '../core/rubric.ts';
import type { JudgedAnswer } from './answers.ts';

/** A verdict's score as a number: a flag is 0 or 1, a choice the place of its option; null where there is none. */
export function ratingOf(signal: Signal, { verdict }: JudgedAnswer): number | null {
  const score = verdict?.status === 'scored' ? verdict.scores[signal.id] : undefined;
  if (score === undefined) return null;
  if (signal.type !== 'choice') return Number(score);
  return signal.options.findIndex(({ id }) => id === score);
}

/** Such a number of a flag or a choice in words. */
export function ratingText(signal: Signal, value: number): string {
  if (signal.type === 'score') return String(value);
  if (signal.type === 'choice') return signal.options[value]?.label ?? '';
  return value === 1 ? 'yes' : 'no';
}
