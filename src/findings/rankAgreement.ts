import { ascending, leaveOut, marginsWithout, placesIn, productOf, sumOf, tabulate } from './crossTable.ts';
import type { Estimate } from './estimate.ts';
import { type Replicates, jackknifeEstimate } from './jackknife.ts';
import { NumberedPrompts } from './numberedPrompts.ts';

/** Two numbers of one answer, and the prompt that it answers. */
export interface PairedValue {
  readonly cluster: string;
  readonly x: number;
  readonly y: number;
}

/** Places from 0 in ascending order, ties at the same place. */
export interface Ranks {
  readonly of: Int32Array;
  /** Places there are; some may have no answer. */
  readonly places: number;
}

/** Pairs of many answers, ready to be compared. */
export interface RankedPairs {
  /** The prompts that are answered, numbered from 0. */
  readonly clusters: Int32Array;
  readonly x: Ranks;
  readonly y: Ranks;
}

export function rankPairs(pairs: readonly PairedValue[]): RankedPairs {
  const prompts = new NumberedPrompts();
  return {
    clusters: new Int32Array(pairs.map(({ cluster }) => prompts.numberOf(cluster))),
    x: ranksOf(pairs.map(({ x }) => x)),
    y: ranksOf(pairs.map(({ y }) => y)),
  };
}

export function ranksOf(values: ArrayLike<number>): Ranks {
  const scale = ascending([values]);
  return { of: placesIn(scale, values), places: scale.length };
}

/** Spearman's rank correlation, ties at their mean rank; the interval is over prompts. */
export function spearman({ clusters, x, y }: RankedPairs): Estimate {
  const weight = new Float64Array(clusters.length).fill(1);
  const table = tabulate({ clusters, x: x.of, y: y.of, weight }, x.places, y.places);
  const replicates = leaveOut(table, (left) => {
    const margins = marginsWithout(table, left);
    const [ranksX, ranksY] = [midRanks(margins.xs), midRanks(margins.ys)];
    const n = sumOf(margins.xs);
    const meanSquare = (n * (n + 1) ** 2) / 4;
    const product = productOf(table.cells, ranksX, ranksY) - (left ? productOf(left, ranksX, ranksY) : 0);
    const squares = [squaresOf(margins.xs, ranksX), squaresOf(margins.ys, ranksY)] as const;
    return (product - meanSquare) / Math.sqrt((squares[0] - meanSquare) * (squares[1] - meanSquare));
  });
  return estimateOf(clusters, replicates);
}

/** Of each value, from how often each occurs. */
function midRanks(counts: Float64Array): Float64Array {
  const ranks = new Float64Array(counts.length);
  let below = 0;
  for (let place = 0; place < counts.length; place += 1) {
    const count = counts[place] ?? 0;
    below += count;
    ranks[place] = below - (count - 1) / 2;
  }
  return ranks;
}

function squaresOf(counts: Float64Array, ranks: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < counts.length; place += 1) {
    const rank = ranks[place] ?? 0;
    sum += (counts[place] ?? 0) * rank * rank;
  }
  return sum;
}

/** Kendall's tau-b, which counts pairs of answers in the same order; the interval is over prompts. */
export function kendallTau({ clusters, x, y }: RankedPairs): Estimate {
  const groups: number[][] = [];
  clusters.forEach((cluster, index) => (groups[cluster] ??= []).push(index));
  const all = [orderSums(x, y), untied(x), untied(y)];
  const totals = all.map(sumOf);
  // Without a group: what its answers take part in goes from both ends, but what lies within it went twice.
  const leftOut = groups.map((group) => {
    const within = sumsWithin(group, x.of, y.of);
    return tau(
      totals.map((total, part) => {
        let own = 0;
        for (const index of group) own += all[part]?.[index] ?? 0;
        return total - 2 * own + (within[part] ?? 0);
      }),
    );
  });
  return estimateOf(clusters, { value: tau(totals), leftOut });
}

function estimateOf({ length: n }: Int32Array, replicates: Replicates): Estimate {
  return jackknifeEstimate(replicates, { n, clusters: replicates.leftOut.length, missing: 0 }, 'correlation');
}

const tau = ([order = 0, x = 0, y = 0]: readonly number[]): number => order / Math.sqrt(x * y);

function countsOf({ of, places }: Ranks): Int32Array {
  const counts = new Int32Array(places);
  for (const rank of of) counts[rank] = (counts[rank] ?? 0) + 1;
  return counts;
}

/** For each answer, how many others have another value. */
function untied(ranks: Ranks): Float64Array {
  const counts = countsOf(ranks);
  return new Float64Array(ranks.of).map((rank) => ranks.of.length - (counts[rank] ?? 0));
}

/**
 * For each answer, over all others: those in the same order less those in the opposite one. In n log n steps (Knight
 * 1966), from both ends of x.
 */
function orderSums(x: Ranks, y: Ranks): Float64Array {
  const n = x.of.length;
  const counts = countsOf(x);
  const sums = new Float64Array(n);
  const order = orderBy(x, counts);
  const [below, above] = [new CountTree(y.places), new CountTree(y.places)];
  let start = 0;
  for (const count of counts) {
    const end = start + count;
    addOrders(order.subarray(start, end), y.of, below, start, 1, sums);
    start = end;
  }
  let done = 0;
  for (const count of counts.toReversed()) {
    const end = n - done;
    addOrders(order.subarray(end - count, end), y.of, above, done, -1, sums);
    done += count;
  }
  return sums;
}

/** Answers in ascending order of x. */
function orderBy(x: Ranks, counts: Int32Array): Int32Array {
  const next = new Int32Array(counts.length);
  for (let rank = 1; rank < next.length; rank += 1)
    next[rank] = (next[rank - 1] ?? 0) + (counts[rank - 1] ?? 0);
  const order = new Int32Array(x.of.length);
  x.of.forEach((rank, index) => {
    const place = next[rank] ?? 0;
    order[place] = index;
    next[rank] = place + 1;
  });
  return order;
}

/** Of answers that tie in x, over those that the tree holds: those with a smaller y less those with a larger one. */
function addOrders(
  tied: Int32Array,
  ys: Int32Array,
  tree: CountTree,
  held: number,
  sign: 1 | -1,
  sums: Float64Array,
): void {
  for (const index of tied) {
    const place = (ys[index] ?? 0) + 1;
    sums[index] = (sums[index] ?? 0) + sign * (tree.upTo(place - 1) - (held - tree.upTo(place)));
  }
  for (const index of tied) tree.add((ys[index] ?? 0) + 1);
}

/** The three sums over the pairs within a group, pair by pair: a prompt has few answers. */
function sumsWithin(group: readonly number[], xs: Int32Array, ys: Int32Array): [number, number, number] {
  const indices = new Int32Array(group);
  const [ownX, ownY] = [indices.map((index) => xs[index] ?? 0), indices.map((index) => ys[index] ?? 0)];
  let [order, byX, byY] = [0, 0, 0];
  for (const [a, x] of ownX.entries()) {
    const y = ownY[a] ?? 0;
    for (let b = 0; b < a; b += 1) {
      const gapX = Math.sign((ownX[b] ?? 0) - x);
      const gapY = Math.sign((ownY[b] ?? 0) - y);
      order += gapX * gapY;
      byX += gapX * gapX;
      byY += gapY * gapY;
    }
  }
  return [2 * order, 2 * byX, 2 * byY];
}

/** Counts by place, from 1, with sums in log n steps (Fenwick 1994). */
class CountTree {
  readonly #counts: Int32Array;

  constructor(places: number) {
    this.#counts = new Int32Array(places + 1);
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
