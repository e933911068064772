import { type Estimate, meanByCluster } from './estimate.ts';
import {
  type Cells,
  type CrossTable,
  type Margins,
  type PairColumns,
  crossTable,
  distanceOf,
  leaveOut,
  marginsWithout,
  sumOf,
} from './crossTable.ts';
import { jackknifeEstimate } from './jackknife.ts';
import { NumberedPrompts } from './numberedPrompts.ts';

/** What several judges, or one judge several times, say of one answer; null: no rating. */
export interface RatedAnswer {
  readonly cluster: string;
  readonly ratings: readonly (number | null)[];
}

/** How far two ratings are apart, as Krippendorff defines it. */
export type AlphaMetric = 'nominal' | 'ordinal' | 'interval';
/** What a disagreement counts: all alike, by distance, or by its square. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

/**
 * Krippendorff's alpha (2011) by each metric: 1 is agreement, 0 what chance gives. Takes any number of judges and
 * missing ratings. The intervals are over prompts. Answers with fewer than two ratings are left out.
 */
export function krippendorffAlphas<Metric extends AlphaMetric>(
  answers: readonly RatedAnswer[],
  metrics: readonly Metric[],
): { metric: Metric; estimate: Estimate }[] {
  const rated = tableOf(answers, addCoincidences);
  return metrics.map((metric) => ({ metric, estimate: agreementOf(rated, alphaOf(rated.table, metric)) }));
}

/** Cohen's kappa of the first two ratings, by the distance of the scores; the intervals are over prompts. */
export function weightedKappas<Weights extends KappaWeights>(
  answers: readonly RatedAnswer[],
  weights: readonly Weights[],
): { weights: Weights; estimate: Estimate }[] {
  const rated = tableOf(answers, addFirstPair);
  return weights.map((each) => ({ weights: each, estimate: agreementOf(rated, kappaOf(rated.table, each)) }));
}

/** How often the first judge says `a` where the second says `b`, in ascending order; only what occurs. */
export interface ConfusionCell {
  readonly a: number;
  readonly b: number;
  readonly count: number;
}

export function confusionOf(answers: readonly RatedAnswer[]): ConfusionCell[] {
  const { table } = tableOf(answers, addFirstPair);
  const { x, y, weight } = table.cells;
  return [...weight]
    .map((count, cell) => ({ a: table.xs[x[cell] ?? 0] ?? NaN, b: table.ys[y[cell] ?? 0] ?? NaN, count }))
    .sort((one, other) => one.a - other.a || one.b - other.b);
}

/**
 * How far repeated ratings of one answer scatter: the root of their mean variance within an answer, in the score's
 * unit, with an interval over prompts.
 */
export function ratingSpread(answers: readonly RatedAnswer[]): Estimate {
  const variances = answers.map(({ cluster, ratings }) => ({ cluster, value: varianceOf(present(ratings)) }));
  const estimate = meanByCluster(variances, { range: { min: 0, max: Infinity } });
  if (estimate.kind === 'none') return estimate;
  const value = Math.sqrt(estimate.value);
  if (estimate.kind === 'point') return { ...estimate, value };
  return { ...estimate, value, low: Math.sqrt(estimate.low), high: Math.sqrt(estimate.high) };
}

const present = (ratings: readonly (number | null)[]): number[] =>
  ratings.filter((rating): rating is number => rating !== null);

function varianceOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Adds an answer's pairs of ratings; none where it has too few. */
type Pairing = (pairs: RatedPairs, answer: RatedAnswer) => void;

class RatedPairs implements PairColumns {
  readonly clusters: number[] = [];
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly weight: number[] = [];
  readonly #prompts = new NumberedPrompts();

  add(cluster: string, x: number, y: number, weight: number): void {
    this.clusters.push(this.#prompts.numberOf(cluster));
    this.x.push(x);
    this.y.push(y);
    this.weight.push(weight);
  }
}

/** Every ordered pair, so that each rating counts once. */
const addCoincidences: Pairing = (pairs, { cluster, ratings }) => {
  const weight = 1 / (present(ratings).length - 1);
  for (const [i, x] of ratings.entries()) {
    if (x === null) continue;
    for (const [j, y] of ratings.entries()) if (y !== null && i !== j) pairs.add(cluster, x, y, weight);
  }
};

const addFirstPair: Pairing = (pairs, { cluster, ratings: [x = null, y = null] }) => {
  if (x !== null && y !== null) pairs.add(cluster, x, y, 1);
};

interface RatedTable {
  readonly table: CrossTable;
  /** Answers that have a pair, and that have none. */
  readonly n: number;
  readonly missing: number;
}

function tableOf(answers: readonly RatedAnswer[], add: Pairing): RatedTable {
  const pairs = new RatedPairs();
  let n = 0;
  for (const answer of answers) {
    const before = pairs.x.length;
    add(pairs, answer);
    if (pairs.x.length > before) n += 1;
  }
  return { table: crossTable(pairs, { sameScale: true }), n, missing: answers.length - n };
}

function agreementOf({ table, n, missing }: RatedTable, statistic: Statistic): Estimate {
  const counts = { n, clusters: table.clusters.length, missing };
  const replicates = leaveOut(table, table.xs.length < 2 ? () => NaN : statistic);
  return jackknifeEstimate(replicates, counts, 'agreement');
}

/** Of the table without the cells that are left out. */
type Statistic = (left?: Cells) => number;

/** Two different ratings count the distance of their positions to this power; 0: one. */
type Power = 0 | 1 | 2;

function alphaOf(table: CrossTable, metric: AlphaMetric): Statistic {
  const power = metric === 'nominal' ? 0 : 2;
  const values = Float64Array.from(table.xs);
  // Values stay where they are, whoever is left out; ranks do not.
  const all = distanceOf(table.cells, values, power);
  return (left) => {
    const { xs: totals } = marginsWithout(table, left);
    const positions = metric === 'ordinal' ? middlesOf(totals) : values;
    const whole = metric === 'ordinal' ? distanceOf(table.cells, positions, power) : all;
    const seen = whole - (left ? distanceOf(left, positions, power) : 0);
    // By chance: two different ratings, drawn without putting back.
    return 1 - ((sumOf(totals) - 1) * seen) / chanceOf({ xs: totals, ys: totals }, positions, power);
  };
}

function kappaOf(table: CrossTable, weights: KappaWeights): Statistic {
  const power = ({ none: 0, linear: 1, quadratic: 2 } as const)[weights];
  const values = Float64Array.from(table.xs);
  const all = distanceOf(table.cells, values, power);
  return (left) => {
    const margins = marginsWithout(table, left);
    const seen = all - (left ? distanceOf(left, values, power) : 0);
    return 1 - (sumOf(margins.xs) * seen) / chanceOf(margins, values, power);
  };
}

/** The same over all pairs of a row and a column, in as many steps as there are positions, which ascend. */
function chanceOf({ xs, ys }: Margins, positions: Float64Array, power: Power): number {
  const moment = (totals: Float64Array, exponent: number) =>
    totals.reduce((sum, total, place) => sum + total * (positions[place] ?? 0) ** exponent, 0);
  const [all, others] = [sumOf(xs), sumOf(ys)];
  if (power === 0) return all * others - xs.reduce((sum, total, place) => sum + total * (ys[place] ?? 0), 0);
  if (power === 2) return all * moment(ys, 2) + others * moment(xs, 2) - 2 * moment(xs, 1) * moment(ys, 1);
  let [sum, below, othersBelow] = [0, 0, 0];
  for (let place = 1; place < positions.length; place += 1) {
    below += xs[place - 1] ?? 0;
    othersBelow += ys[place - 1] ?? 0;
    // Every pair with one on either side of this gap crosses it.
    const crossing = below * (others - othersBelow) + othersBelow * (all - below);
    sum += ((positions[place] ?? 0) - (positions[place - 1] ?? 0)) * crossing;
  }
  return sum;
}

/** How many ratings lie below each value, its own counted half: between two lie as many as these differ by. */
function middlesOf(totals: Float64Array): Float64Array {
  let below = 0;
  return totals.map((total) => {
    below += total;
    return below - total / 2;
  });
}
