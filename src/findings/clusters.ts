/** One answer's value and the prompt that it answers. null or not finite: missing, never 0. */
export interface ClusteredValue {
  readonly cluster: string;
  readonly value: number | null;
}

/** What one prompt's answers add up to. */
export interface ClusterTotal {
  readonly cluster: string;
  readonly sum: number;
  readonly count: number;
}

/** A sample as the estimators need it. */
export interface ClusteredSample {
  /** Only clusters that have a value, by name: so no result depends on the order of the answers. */
  readonly clusters: readonly ClusterTotal[];
  readonly n: number;
  readonly missing: number;
}

export function totalsByCluster(values: Iterable<ClusteredValue>): ClusteredSample {
  const totals = new Map<string, { cluster: string; sum: number; count: number }>();
  let n = 0;
  let missing = 0;
  for (const { cluster, value } of values) {
    if (value === null || !Number.isFinite(value)) {
      missing += 1;
      continue;
    }
    n += 1;
    const total = totals.get(cluster);
    if (total === undefined) totals.set(cluster, { cluster, sum: value, count: 1 });
    else {
      total.sum += value;
      total.count += 1;
    }
  }
  const clusters = [...totals.values()].sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
  return { clusters, n, missing };
}

/** The mean of all answers: a ratio of sums, in which a prompt with more answers weighs more. */
export function meanOf(clusters: readonly ClusterTotal[]): number {
  let sum = 0;
  let count = 0;
  for (const total of clusters) {
    sum += total.sum;
    count += total.count;
  }
  return sum / count;
}

/** What each cluster adds to the error of the mean: its answers' summed distance from it, over n. */
export function influences(clusters: readonly ClusterTotal[], mean: number): number[] {
  const n = clusters.reduce((count, total) => count + total.count, 0);
  return clusters.map(({ sum, count }) => (sum - count * mean) / n);
}

/**
 * Cluster-robust standard error with the small-sample factor G / (G - 1): that of an ordinary least squares fit
 * of a constant in statsmodels, `cov_type='cluster'`. Spreads below rounding error are 0. Needs two clusters.
 */
export function clusterRobustError(errors: readonly number[], scale: number): number {
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  const error = Math.sqrt((errors.length / (errors.length - 1)) * squares);
  return error <= 1e-12 * Math.abs(scale) ? 0 : error;
}
