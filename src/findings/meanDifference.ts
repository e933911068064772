import { type Values, clusterRobustError, influences, meanOf, totalsByCluster } from './clusters.ts';
import { type Estimate, level } from './estimate.ts';
import { studentCritical } from './studentT.ts';

/**
 * Mean of `a` less mean of `b`, which answer different prompts. Welch's interval with cluster-robust errors and whole
 * degrees of freedom, rounded down.
 */
export function meanDifference(a: Values, b: Values): Estimate {
  const samples = [totalsByCluster(a), totalsByCluster(b)] as const;
  const [n, missing] = [samples[0].n + samples[1].n, samples[0].missing + samples[1].missing];
  const sizes = samples.map(({ clusters }) => clusters.length);
  const counts = { n, clusters: sizes.reduce((sum, size) => sum + size, 0), missing };
  if (sizes.some((size) => size === 0)) return { kind: 'none', reason: 'no-answers', ...counts };
  const [meanA, meanB] = [meanOf(samples[0].clusters), meanOf(samples[1].clusters)];
  const value = meanA - meanB;
  if (sizes.some((size) => size < 2)) return { kind: 'point', value, reason: 'one-prompt', ...counts };
  const variances = samples.map(({ clusters }) => {
    const mean = meanOf(clusters);
    return clusterRobustError(influences(clusters, mean), mean) ** 2;
  });
  const variance = variances.reduce((sum, each) => sum + each, 0);
  if (variance === 0) return { kind: 'point', value, reason: 'no-spread', ...counts };
  // In shares of the variance, whose squares cannot be too small to divide by.
  const spent = variances.reduce(
    (sum, each, side) => sum + (each / variance) ** 2 / ((sizes[side] ?? 2) - 1),
    0,
  );
  const reach = studentCritical(level, Math.floor(1 / spent + 1e-9)) * Math.sqrt(variance);
  const ends = { low: value - reach, high: value + reach };
  return { kind: 'interval', value, ...ends, level, method: 'welch', ...counts };
}
