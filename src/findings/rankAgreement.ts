import { crossTable, leaveOut, marginsWithout, productOf, sumOf } from './crossTable.ts';
import type { Estimate } from './estimate.ts';
import { type Replicates, jackknifeEstimate } from './jackknife.ts';

/** Two numbers of one answer, and the prompt that it answers. */
export interface PairedValue {
  readonly cluster: string;
  readonly x: number;
  readonly y: number;
}

/** Spearman's rank correlation, ties at their mean rank; the interval is over prompts. */
export function spearman(pairs: readonly PairedValue[]): Estimate {
  const table = crossTable(
    pairs.map(({ cluster, x, y }) => ({ cluster, x, y, weight: 1 })),
    { sameScale: false },
  );
  const replicates = leaveOut(table, (left) => {
    const margins = marginsWithout(table, left);
    const [ranksX, ranksY] = [midRanks(margins.xs), midRanks(margins.ys)];
    const n = sumOf(margins.xs);
    const meanSquare = (n * (n + 1) ** 2) / 4;
    const product = productOf(table.cells, ranksX, ranksY) - (left ? productOf(left, ranksX, ranksY) : 0);
    const squares = (counts: Float64Array, ranks: Float64Array) =>
      counts.reduce((sum, count, place) => sum + count * (ranks[place] ?? 0) ** 2, -meanSquare);
    return (product - meanSquare) / Math.sqrt(squares(margins.xs, ranksX) * squares(margins.ys, ranksY));
  });
  return estimateOf(pairs, replicates);
}

/** Of each value, from how often each occurs. */
function midRanks(counts: Float64Array): Float64Array {
  let below = 0;
  return counts.map((count) => {
    below += count;
    return below - (count - 1) / 2;
  });
}

/** Kendall's tau-b, which counts pairs of answers in the same order; the interval is over prompts. */
export function kendallTau(pairs: readonly PairedValue[]): Estimate {
  const groups = new Map<string, number[]>();
  pairs.forEach(({ cluster }, index) => {
    const group = groups.get(cluster);
    if (group) group.push(index);
    else groups.set(cluster, [index]);
  });
  const [xs, ys] = [pairs.map(({ x }) => x), pairs.map(({ y }) => y)];
  const all = orderSums(xs, ys);
  const totals = all.map(sum);
  // Without a group: what its answers take part in goes from both ends, but what lies within it went twice.
  const leftOut = [...groups.values()].map((group) => {
    const within = orderSums(...([xs, ys].map((values) => at(values, group)) as [number[], number[]]));
    return tau(
      totals.map((total, part) => total - 2 * sum(at(all[part] ?? [], group)) + sum(within[part] ?? [])),
    );
  });
  return estimateOf(pairs, { value: tau(totals), leftOut });
}

function estimateOf(pairs: readonly PairedValue[], replicates: Replicates): Estimate {
  const counts = { n: pairs.length, clusters: replicates.leftOut.length, missing: 0 };
  return jackknifeEstimate(replicates, counts, 'correlation');
}

const tau = ([order = 0, x = 0, y = 0]: readonly number[]): number => order / Math.sqrt(x * y);
const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0);
const at = (values: ArrayLike<number>, indexes: readonly number[]) =>
  indexes.map((index) => values[index] ?? 0);

/**
 * For each answer, over all others: those in the same order less those in the opposite one; those with another x; those
 * with another y. In n log n steps (Knight 1966).
 */
function orderSums(xs: readonly number[], ys: readonly number[]): [ArrayLike<number>, number[], number[]] {
  const [below, above] = [ordersBelow(xs, ys), ordersBelow(xs.map(negated), ys.map(negated))];
  return [below.map((value, index) => value + (above[index] ?? 0)), untied(xs), untied(ys)];
}

const negated = (value: number): number => -value;

function untied(values: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return values.map((value) => values.length - (counts.get(value) ?? 0));
}

/** For each answer, over those with a smaller x: those with a smaller y less those with a larger y. */
function ordersBelow(xs: readonly number[], ys: readonly number[]): Float64Array {
  const places = new Map([...new Set(ys)].sort((a, b) => a - b).map((y, place) => [y, place + 1]));
  const tree = new CountTree(places.size);
  const sums = new Float64Array(xs.length);
  const order = xs.map((_, index) => index).sort((a, b) => (xs[a] ?? 0) - (xs[b] ?? 0));
  const placeOf = (index: number) => places.get(ys[index] ?? 0) ?? 1;
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && xs[order[end] ?? 0] === xs[order[start] ?? 0]) end += 1;
    const tied = order.slice(start, end);
    for (const index of tied) {
      const place = placeOf(index);
      sums[index] = tree.upTo(place - 1) - (start - tree.upTo(place));
    }
    for (const index of tied) tree.add(placeOf(index));
    start = end;
  }
  return sums;
}

/** Counts by place, from 1, with sums in log n steps (Fenwick 1994). */
class CountTree {
  readonly #counts: Float64Array;

  constructor(places: number) {
    this.#counts = new Float64Array(places + 1);
  }

  add(place: number): void {
    for (let node = place; node < this.#counts.length; node += node & -node)
      this.#counts[node] = (this.#counts[node] ?? 0) + 1;
  }

  upTo(place: number): number {
    let total = 0;
    for (let node = place; node > 0; node -= node & -node) total += this.#counts[node] ?? 0;
    return total;
  }
}
