import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type ClusterTotal, meanOf } from './clusters.ts';

export interface BootstrapOptions {
  /** Unsigned 32-bit: the same seed gives the same interval. */
  readonly seed: number;
  readonly resamples?: number;
}

/** The ends of a 95 % interval are then the 50th of 2,000 from either side. */
const defaultResamples = 2_000;

/**
 * Percentile interval of the mean from resampled prompts, each with all its answers. Widened by
 * sqrt(G / (G - 1)), by which the bootstrap spread of G prompts falls short.
 */
export function bootstrapMean(
  clusters: readonly ClusterTotal[],
  level: number,
  { seed, resamples = defaultResamples }: BootstrapOptions,
): { low: number; high: number } {
  const random = xoroshiro128plus(seed);
  const mean = meanOf(clusters);
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    let count = 0;
    for (let draw = 0; draw < clusters.length; draw += 1) {
      const total = clusters[uniformInt(random, 0, clusters.length - 1)];
      sum += total?.sum ?? 0;
      count += total?.count ?? 0;
    }
    return sum / count;
  }).sort();
  const tail = Math.floor((resamples * (1 - level)) / 2);
  const widen = Math.sqrt(clusters.length / (clusters.length - 1));
  const end = (index: number) => mean + widen * ((means[index] ?? mean) - mean);
  return { low: end(tail), high: end(resamples - 1 - tail) };
}
