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
  const clusters = clusterIndex(pairs);
  const [byX, byY] = [orderBy(pairs, ({ x }) => x), orderBy(pairs, ({ y }) => y)];
  const without = (left: number) => {
    const keep = (index: number) => clusters.of[index] !== left;
    return pearson(
      midRanks(byX.filter(keep), pairs, ({ x }) => x),
      midRanks(byY.filter(keep), pairs, ({ y }) => y),
    );
  };
  const replicates = { value: without(-1), leftOut: clusters.names.map((_, left) => without(left)) };
  return estimateOf(pairs, clusters.names.length, replicates);
}

/** Kendall's tau-b, which counts pairs of answers in the same order; the interval is over prompts. */
export function kendallTau(pairs: readonly PairedValue[]): Estimate {
  const clusters = clusterIndex(pairs);
  const groups = clusters.names.map((): number[] => []);
  clusters.of.forEach((cluster, index) => groups[cluster]?.push(index));
  const [xs, ys] = [pairs.map(({ x }) => x), pairs.map(({ y }) => y)];
  const all = orderSums(xs, ys);
  const totals = all.map(sum);
  // Without a group: what its answers take part in goes from both ends, but what lies within it went twice.
  const leftOut = groups.map((group) => {
    const within = orderSums(...([xs, ys].map((values) => at(values, group)) as [number[], number[]]));
    return tau(
      totals.map((total, part) => total - 2 * sum(at(all[part] ?? [], group)) + sum(within[part] ?? [])),
    );
  });
  return estimateOf(pairs, groups.length, { value: tau(totals), leftOut });
}

function estimateOf(pairs: readonly PairedValue[], clusters: number, replicates: Replicates): Estimate {
  return jackknifeEstimate(replicates, { n: pairs.length, clusters, missing: 0 }, 'correlation');
}

function clusterIndex(pairs: readonly PairedValue[]): { names: string[]; of: number[] } {
  const names = [...new Set(pairs.map(({ cluster }) => cluster))];
  const places = new Map(names.map((name, place) => [name, place]));
  return { names, of: pairs.map(({ cluster }) => places.get(cluster) ?? 0) };
}

type Read = (pair: PairedValue) => number;

function orderBy(pairs: readonly PairedValue[], read: Read): number[] {
  const values = pairs.map(read);
  return values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
}

/** By the pairs' own index; pairs that are not in the order have rank 0. */
function midRanks(order: readonly number[], pairs: readonly PairedValue[], read: Read): Float64Array {
  const ranks = new Float64Array(pairs.length);
  const valueAt = (place: number) => {
    const pair = pairs[order[place] ?? -1];
    return pair && read(pair);
  };
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && valueAt(end) === valueAt(start)) end += 1;
    for (let place = start; place < end; place += 1) ranks[order[place] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/** Of ranks from 1, of which 0 is none. */
function pearson(a: Float64Array, b: Float64Array): number {
  let [n, product, squaresA, squaresB] = [0, 0, 0, 0];
  a.forEach((x, index) => {
    const y = b[index] ?? 0;
    if (x === 0) return;
    n += 1;
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  });
  const meanSquare = (n * (n + 1) ** 2) / 4;
  return (product - meanSquare) / Math.sqrt((squaresA - meanSquare) * (squaresB - meanSquare));
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
