/** How far two labellers agree on the same items. */
export interface Agreement {
  readonly n: number;
  /** Share of items with equal labels. */
  readonly accuracy: number;
  /** Cohen's kappa: agreement above chance (Cohen 1960, Educ. Psychol. Meas. 20, 37-46). Null where chance alone agrees. */
  readonly kappa: number | null;
  /** Counts by [label of the first][label of the second]. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Pairs of labels, the trusted one first. */
export function measureAgreement(pairs: readonly (readonly [string, string])[]): Agreement {
  const labels = [...new Set(pairs.flat())].sort();
  const count = (first: string, second: string): number =>
    pairs.filter(([a, b]) => a === first && b === second).length;
  const confusion = Object.fromEntries(
    labels.map((first) => [
      first,
      Object.fromEntries(labels.map((second) => [second, count(first, second)])),
    ]),
  );
  const n = pairs.length;
  const accuracy = pairs.filter(([a, b]) => a === b).length / n;
  const share = (side: 0 | 1, label: string): number =>
    pairs.filter((pair) => pair[side] === label).length / n;
  const chance = labels.reduce((sum, label) => sum + share(0, label) * share(1, label), 0);
  return { n, accuracy, kappa: chance === 1 ? null : (accuracy - chance) / (1 - chance), confusion };
}
