import { type Counts, type Estimate, level } from './estimate.ts';
import { studentCritical } from './studentT.ts';

/** A statistic of all answers, and of the answers without each prompt in turn. NaN where it has no value. */
export interface Replicates {
  readonly value: number;
  readonly leftOut: readonly number[];
}

/** Scales on which the statistics are near normal. `correlation`: -1 to 1; `agreement`: 1 less a ratio of errors. */
const scales = {
  correlation: { to: Math.atanh, from: Math.tanh },
  agreement: { to: (value: number) => Math.log(1 - value), from: (z: number) => 1 - Math.exp(z) },
} as const;

/**
 * The statistic with its interval: a jackknife over prompts (Efron and Tibshirani 1993, chapter 11) on a scale where
 * it is near normal, Student's t with a degree of freedom less than prompts. Deterministic.
 */
export function jackknifeEstimate(
  { value, leftOut }: Replicates,
  counts: Counts,
  scale: keyof typeof scales,
): Estimate {
  if (counts.n === 0) return { kind: 'none', reason: 'no-answers', ...counts };
  if (!Number.isFinite(value)) return { kind: 'none', reason: 'no-variation', ...counts };
  if (leftOut.length < 2) return { kind: 'point', value, reason: 'one-prompt', ...counts };
  const { to, from } = scales[scale];
  const values = leftOut.map(to);
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const error = Math.sqrt(((values.length - 1) / values.length) * squares);
  if (!Number.isFinite(error) || error < 1e-12)
    return { kind: 'point', value, reason: 'no-spread', ...counts };
  const reach = studentCritical(level, values.length - 1) * error;
  const ends = [from(to(value) - reach), from(to(value) + reach)] as const;
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return { kind: 'interval', value, low, high, level, method: 'jackknife', ...counts };
}
