/** One answer's value and the prompt that it answers. null or not finite: missing, never 0. */
export interface ClusteredValue {
  readonly cluster: string;
  readonly value: number | null;
}

/**
 * The same of many answers, gathered prompt by prompt as they come: an object for every value of 20,000 answers costs
 * more than all that is reckoned from them.
 */
export class PromptValues {
  /** Those that are there, in the order in which they came. */
  readonly byPrompt = new Map<string, number[]>();
  missing = 0;
  /** Answers to one prompt mostly come one after the other. */
  #last: readonly [string | null, number[]] = [null, []];

  add(cluster: string, value: number | null): void {
    if (value === null || !Number.isFinite(value)) {
      this.missing += 1;
      return;
    }
    if (cluster !== this.#last[0]) this.#last = [cluster, this.#ownOf(cluster)];
    this.#last[1].push(value);
  }

  addAll({ byPrompt, missing }: PromptValues): void {
    this.missing += missing;
    for (const [cluster, values] of byPrompt) this.#ownOf(cluster).push(...values);
  }

  #ownOf(cluster: string): number[] {
    const known = this.byPrompt.get(cluster);
    if (known) return known;
    const own: number[] = [];
    this.byPrompt.set(cluster, own);
    return own;
  }

  static of(values: Values): PromptValues {
    if (values instanceof PromptValues) return values;
    const gathered = new PromptValues();
    for (const { cluster, value } of values) gathered.add(cluster, value);
    return gathered;
  }
}

export type Values = Iterable<ClusteredValue> | PromptValues;

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

export function totalsByCluster(values: Values): ClusteredSample {
  const { byPrompt, missing } = PromptValues.of(values);
  let n = 0;
  const clusters = [...byPrompt].map(([cluster, own]): ClusterTotal => {
    let sum = 0;
    for (const value of own) sum += value;
    n += own.length;
    return { cluster, sum, count: own.length };
  });
  return { clusters: clusters.sort((a, b) => (a.cluster < b.cluster ? -1 : 1)), n, missing };
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
