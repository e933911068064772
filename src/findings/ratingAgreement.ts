import type { Estimate } from './estimate.ts';
import { meanByCluster } from './estimate.ts';
import { type Replicates, jackknifeEstimate } from './jackknife.ts';

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
  const { values, cells } = tableOf(answers, firstPair);
  return values.flatMap((a, row) =>
    values.flatMap((b, column) => {
      const count = cells[row * values.length + column] ?? 0;
      return count > 0 ? [{ a, b, count }] : [];
    }),
  );
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

/** Square: a row for each value of the first side, a column for each of the second, in ascending order. */
interface Table {
  readonly values: readonly number[];
  readonly cells: Float64Array;
}

interface ClusteredTable extends Table {
  /** What each prompt's answers add to the cells. */
  readonly clusters: ReadonlyMap<string, readonly { cell: number; weight: number }[]>;
  readonly n: number;
}

function tableOf(answers: readonly RatedAnswer[], pairing: Pairing): ClusteredTable {
  const pairs = answers
    .map(({ cluster, ratings }) => ({ cluster, pairs: pairing(ratings) }))
    .filter((answer) => answer.pairs.length > 0);
  const values = [...new Set(pairs.flatMap((answer) => answer.pairs.flatMap(({ a, b }) => [a, b])))];
  values.sort((a, b) => a - b);
  const places = new Map(values.map((value, place) => [value, place]));
  const cells = new Float64Array(values.length ** 2);
  const clusters = new Map<string, { cell: number; weight: number }[]>();
  for (const { cluster, pairs: own } of pairs) {
    const added = own.map(({ a, b, weight }) => ({
      cell: (places.get(a) ?? 0) * values.length + (places.get(b) ?? 0),
      weight,
    }));
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), ...added]);
    for (const { cell, weight } of added) cells[cell] = (cells[cell] ?? 0) + weight;
  }
  return { values, cells, clusters, n: pairs.length };
}

function agreementOf(
  answers: readonly RatedAnswer[],
  pairing: Pairing,
  statistic: (table: Table) => number,
): Estimate {
  const { values, cells, clusters, n } = tableOf(answers, pairing);
  const leftOut = [...clusters.values()].map((added) => {
    const rest = cells.slice();
    for (const { cell, weight } of added) rest[cell] = (rest[cell] ?? 0) - weight;
    return statistic({ values, cells: rest });
  });
  const replicates: Replicates = { value: statistic({ values, cells }), leftOut };
  const counts = { n, clusters: clusters.size, missing: answers.length - n };
  return jackknifeEstimate(replicates, counts, 'agreement');
}

function alphaOf(table: Table, metric: AlphaMetric): number {
  const totals = marginsOf(table).rows;
  const n = totals.reduce((sum, total) => sum + total, 0);
  const distance = distancesOf(table.values, totals, metric);
  // Two ratings by chance: a pair of different ones, drawn without putting back.
  return 1 - (n - 1) * ratioOf(table, distance, (row, column) => (totals[row] ?? 0) * (totals[column] ?? 0));
}

function kappaOf(table: Table, weights: KappaWeights): number {
  const { rows, columns } = marginsOf(table);
  const n = rows.reduce((sum, total) => sum + total, 0);
  const { values } = table;
  const power = { none: 0, linear: 1, quadratic: 2 }[weights];
  const distance = (row: number, column: number) =>
    row === column ? 0 : Math.abs((values[row] ?? 0) - (values[column] ?? 0)) ** power;
  return 1 - n * ratioOf(table, distance, (row, column) => (rows[row] ?? 0) * (columns[column] ?? 0));
}

type ByPlace = (row: number, column: number) => number;

/** Observed disagreement over the expected one, each weighted by distance. */
function ratioOf({ values, cells }: Table, distance: ByPlace, expected: ByPlace): number {
  let [seen, chance] = [0, 0];
  for (let row = 0; row < values.length; row += 1) {
    for (let column = 0; column < values.length; column += 1) {
      const apart = distance(row, column);
      seen += (cells[row * values.length + column] ?? 0) * apart;
      chance += expected(row, column) * apart;
    }
  }
  return seen / chance;
}

function marginsOf({ values, cells }: Table): { rows: Float64Array; columns: Float64Array } {
  const [rows, columns] = [new Float64Array(values.length), new Float64Array(values.length)];
  cells.forEach((count, cell) => {
    const [row, column] = [Math.floor(cell / values.length), cell % values.length];
    rows[row] = (rows[row] ?? 0) + count;
    columns[column] = (columns[column] ?? 0) + count;
  });
  return { rows, columns };
}

function distancesOf(values: readonly number[], totals: Float64Array, metric: AlphaMetric): ByPlace {
  if (metric === 'nominal') return (row, column) => (row === column ? 0 : 1);
  if (metric === 'interval') return (row, column) => ((values[row] ?? 0) - (values[column] ?? 0)) ** 2;
  // Ordinal: how many ratings lie between, the two themselves counted half.
  const middles = new Float64Array(totals.length);
  let below = 0;
  totals.forEach((total, place) => {
    middles[place] = below + total / 2;
    below += total;
  });
  return (row, column) => ((middles[row] ?? 0) - (middles[column] ?? 0)) ** 2;
}
