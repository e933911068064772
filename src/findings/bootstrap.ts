import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type ClusterTotal, clusterRobustError, influences, meanOf } from './clusters.ts';

export interface BootstrapOptions {
  /** Unsigned 32-bit: the same seed gives the same interval. */
  readonly seed: number;
  readonly resamples?: number;
}

/** The ends of a 95 % interval are then the 50th of 2,000 from either side. */
const defaultResamples = 2_000;

/**
 * Bootstrap-t interval of the mean (Efron and Tibshirani 1993, chapter 12): prompts are resampled, each with all
 * its answers, and each resample's distance is measured in its own cluster-robust errors, so that a skewed score
 * gets a skewed interval. A resample without spread counts as infinitely far; null when those decide an end.
 */
export function bootstrapMean(
  clusters: readonly ClusterTotal[],
  level: number,
  { seed, resamples = defaultResamples }: BootstrapOptions,
): { low: number; high: number } | null {
  const random = xoroshiro128plus(seed);
  const mean = meanOf(clusters);
  const distances = Float64Array.from({ length: resamples }, () => {
    const drawn = clusters.map((total) => clusters[uniformInt(random, 0, clusters.length - 1)] ?? total);
    const drawnMean = meanOf(drawn);
    const error = clusterRobustError(influences(drawn, drawnMean), drawnMean);
    if (error === 0) return drawnMean < mean ? -Infinity : Infinity;
    return (drawnMean - mean) / error;
  }).sort();
  const tail = Math.floor((resamples * (1 - level)) / 2);
  const error = clusterRobustError(influences(clusters, mean), mean);
  const end = (index: number) => mean - (distances[index] ?? 0) * error;
  const interval = { low: end(resamples - 1 - tail), high: end(tail) };
  return Number.isFinite(interval.low) && Number.isFinite(interval.high) ? interval : null;
}
