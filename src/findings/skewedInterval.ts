import { clusterRobustError } from './clusters.ts';
import { studentCritical } from './studentT.ts';

/**
 * Interval of a mean whose prompts may be skewed: Student's t under Hall's transformation (Hall 1992, Journal of the
 * Royal Statistical Society B 54), which is the plain interval where there is no skew. `errors`: what each prompt adds
 * to the error of the mean, two or more; `scale`: a size against which rounding is told from spread. Null without spread.
 */
export function skewedInterval(
  value: number,
  errors: readonly number[],
  scale: number,
  level: number,
): { low: number; high: number } | null {
  const error = clusterRobustError(errors, scale);
  if (error === 0) return null;
  // Against the largest, since the third power of a small number is 0.
  const largest = Math.max(...errors.map(Math.abs));
  const squares = errors.reduce((sum, each) => sum + (each / largest) ** 2, 0);
  /** The skewness over the root of the number of prompts. */
  const skew = errors.reduce((sum, each) => sum + (each / largest) ** 3, 0) / squares ** 1.5;
  const critical = studentCritical(level, errors.length - 1);
  const reach = (t: number) => error * untransformed(t, skew);
  return { low: value - reach(critical), high: value - reach(-critical) };
}

/** The inverse of t + s t²/3 + s² t³/27 + s/6. */
function untransformed(t: number, s: number): number {
  // Below it the cube root keeps too few digits, and the skew moves no digit that is shown.
  if (Math.abs(s) < 1e-6) return t;
  return (3 / s) * (Math.cbrt(1 + s * (t - s / 6)) - 1);
}
