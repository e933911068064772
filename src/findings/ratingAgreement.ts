import type { Estimate } from './estimate.ts';
import { meanByCluster } from './estimate.ts';
import { jackknifeEstimate } from './jackknife.ts';

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
 * Krippendorff's alpha (2011): 1 is agreement, 0 what chance gives. Takes any number of judges and missing ratings.
 * The interval is over prompts. Answers with fewer than two ratings are left out.
 */
export function krippendorffAlpha(answers: readonly RatedAnswer[], metric: AlphaMetric): Estimate {
  return agreementOf(answers, coincidences, (table) => alphaOf(table, metric));
}

/** Cohen's kappa of the first two ratings, by the distance of the scores; the interval is over prompts. */
export function weightedKappa(answers: readonly RatedAnswer[], weights: KappaWeights): Estimate {
  return agreementOf(answers, firstPair, (table) => kappaOf(table, weights));
}

/** How often the first judge says `a` where the second says `b`, in ascending order; only what occurs. */
export interface ConfusionCell {
  readonly a: number;
  readonly b: number;
  readonly count: number;
}

export function confusionOf(answers: readonly RatedAnswer[]): ConfusionCell[] {
  const { values, cells, weights } = tableOf(answers, firstPair);
  const counted = cells.map(({ row, column }, place) => ({
    a: values[row] ?? NaN,
    b: values[column] ?? NaN,
    count: weights[place] ?? 0,
  }));
  return counted.sort((x, y) => x.a - y.a || x.b - y.b);
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

type Pairing = (ratings: readonly (number | null)[]) => { a: number; b: number; weight: number }[];

/** Every ordered pair of an answer's ratings, so that each rating counts once. */
const coincidences: Pairing = (ratings) => {
  const values = present(ratings);
  const weight = 1 / (values.length - 1);
  return values.flatMap((a, i) => values.flatMap((b, j) => (i === j ? [] : [{ a, b, weight }])));
};

const firstPair: Pairing = ([a = null, b = null]) => (a === null || b === null ? [] : [{ a, b, weight: 1 }]);

/** How often each pair of values occurs; only pairs that do, so that scores to 100 stay cheap. */
interface Table {
  /** In ascending order. */
  readonly values: readonly number[];
  /** Places in `values`. */
  readonly cells: readonly { readonly row: number; readonly column: number }[];
  /** By place in `cells`. */
  readonly weights: Float64Array;
}

interface ClusteredTable extends Table {
  /** What each prompt's answers add to the weights. */
  readonly clusters: ReadonlyMap<string, readonly { readonly cell: number; readonly weight: number }[]>;
  readonly n: number;
}

function tableOf(answers: readonly RatedAnswer[], pairing: Pairing): ClusteredTable {
  const rated = answers
    .map(({ cluster, ratings }) => ({ cluster, pairs: pairing(ratings) }))
    .filter(({ pairs }) => pairs.length > 0);
  const values = [...new Set(rated.flatMap(({ pairs }) => pairs.flatMap(({ a, b }) => [a, b])))];
  values.sort((a, b) => a - b);
  const places = new Map(values.map((value, place) => [value, place]));
  const cells: { row: number; column: number }[] = [];
  const known = new Map<number, number>();
  const weights: number[] = [];
  const clusters = new Map<string, { cell: number; weight: number }[]>();
  for (const { cluster, pairs } of rated) {
    const added = clusters.get(cluster) ?? [];
    clusters.set(cluster, added);
    for (const { a, b, weight } of pairs) {
      const [row, column] = [places.get(a) ?? 0, places.get(b) ?? 0];
      const cell = known.get(row * values.length + column) ?? cells.push({ row, column }) - 1;
      known.set(row * values.length + column, cell);
      weights[cell] = (weights[cell] ?? 0) + weight;
      added.push({ cell, weight });
    }
  }
  return { values, cells, weights: Float64Array.from(weights), clusters, n: rated.length };
}

function agreementOf(
  answers: readonly RatedAnswer[],
  pairing: Pairing,
  statistic: (table: Table) => number,
): Estimate {
  const { clusters, n, ...table } = tableOf(answers, pairing);
  const leftOut = [...clusters.values()].map((added) => {
    const weights = table.weights.slice();
    for (const { cell, weight } of added) weights[cell] = (weights[cell] ?? 0) - weight;
    return statistic({ ...table, weights });
  });
  const counts = { n, clusters: clusters.size, missing: answers.length - n };
  return jackknifeEstimate({ value: statistic(table), leftOut }, counts, 'agreement');
}

function alphaOf(table: Table, metric: AlphaMetric): number {
  const { rows } = marginsOf(table);
  const positions = metric === 'ordinal' ? middlesOf(rows) : table.values;
  const seen = disagreementOf(table, positions, metric === 'nominal' ? 0 : 2);
  const chance = chanceOf(rows, rows, positions, metric === 'nominal' ? 0 : 2);
  // By chance: two different ratings, drawn without putting back.
  return table.values.length < 2 ? NaN : 1 - ((sumOf(rows) - 1) * seen) / chance;
}

function kappaOf(table: Table, weights: KappaWeights): number {
  const { rows, columns } = marginsOf(table);
  const power = ({ none: 0, linear: 1, quadratic: 2 } as const)[weights];
  const seen = disagreementOf(table, table.values, power);
  return table.values.length < 2
    ? NaN
    : 1 - (sumOf(rows) * seen) / chanceOf(rows, columns, table.values, power);
}

/** Two different ratings count the distance of their positions to this power; 0: one. */
type Power = 0 | 1 | 2;

function disagreementOf({ cells, weights }: Table, positions: ArrayLike<number>, power: Power): number {
  return cells.reduce((sum, { row, column }, place) => {
    const distance = row === column ? 0 : Math.abs((positions[row] ?? 0) - (positions[column] ?? 0)) ** power;
    return sum + (weights[place] ?? 0) * distance;
  }, 0);
}

/** The same over all pairs of a row and a column, in as many steps as there are positions, which ascend. */
function chanceOf(
  rows: Float64Array,
  columns: Float64Array,
  positions: ArrayLike<number>,
  power: Power,
): number {
  const moment = (totals: Float64Array, exponent: number) =>
    totals.reduce((sum, total, place) => sum + total * (positions[place] ?? 0) ** exponent, 0);
  const [all, others] = [sumOf(rows), sumOf(columns)];
  if (power === 0)
    return all * others - rows.reduce((sum, total, place) => sum + total * (columns[place] ?? 0), 0);
  if (power === 2)
    return all * moment(columns, 2) + others * moment(rows, 2) - 2 * moment(rows, 1) * moment(columns, 1);
  let [sum, below, othersBelow] = [0, 0, 0];
  for (let place = 1; place < positions.length; place += 1) {
    below += rows[place - 1] ?? 0;
    othersBelow += columns[place - 1] ?? 0;
    // Every pair with one on either side of this gap crosses it.
    const crossing = below * (others - othersBelow) + othersBelow * (all - below);
    sum += ((positions[place] ?? 0) - (positions[place - 1] ?? 0)) * crossing;
  }
  return sum;
}

function marginsOf({ values, cells, weights }: Table): { rows: Float64Array; columns: Float64Array } {
  const [rows, columns] = [new Float64Array(values.length), new Float64Array(values.length)];
  cells.forEach(({ row, column }, place) => {
    rows[row] = (rows[row] ?? 0) + (weights[place] ?? 0);
    columns[column] = (columns[column] ?? 0) + (weights[place] ?? 0);
  });
  return { rows, columns };
}

/** How many ratings lie below each value, its own counted half: between two lie as many as these differ by. */
function middlesOf(totals: Float64Array): Float64Array {
  let below = 0;
  return totals.map((total) => {
    below += total;
    return below - total / 2;
  });
}

const sumOf = (totals: Float64Array): number => totals.reduce((sum, total) => sum + total, 0);
