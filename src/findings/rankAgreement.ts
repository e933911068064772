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
  const [x, y] = [denseRanks(pairs.map((pair) => pair.x)), denseRanks(pairs.map((pair) => pair.y))];
  const all = [orderSums(x, y), untied(x), untied(y)];
  const totals = all.map((sums) => sums.reduce((sum, each) => sum + each, 0));
  // Without a group: what its answers take part in goes from both ends, but what lies within it went twice.
  const leftOut = [...groups.values()].map((group) => {
    const within = sumsWithin(group, x.of, y.of);
    return tau(
      totals.map((total, part) => {
        const sums = all[part];
        return total - 2 * group.reduce((sum, index) => sum + (sums?.[index] ?? 0), 0) + (within[part] ?? 0);
      }),
    );
  });
  return estimateOf(pairs, { value: tau(totals), leftOut });
}

function estimateOf(pairs: readonly PairedValue[], replicates: Replicates): Estimate {
  const counts = { n: pairs.length, clusters: replicates.leftOut.length, missing: 0 };
  return jackknifeEstimate(replicates, counts, 'correlation');
}

const tau = ([order = 0, x = 0, y = 0]: readonly number[]): number => order / Math.sqrt(x * y);

/** Places from 0 in ascending order, ties at the same place. */
interface Ranks {
  readonly of: Int32Array;
  readonly distinct: number;
}

function denseRanks(values: readonly number[]): Ranks {
  const sorted = Float64Array.from(new Set(values)).sort();
  const places = new Map<number, number>();
  sorted.forEach((value, place) => places.set(value, place));
  return { of: Int32Array.from(values, (value) => places.get(value) ?? 0), distinct: sorted.length };
}

function countsOf({ of, distinct }: Ranks): Int32Array {
  const counts = new Int32Array(distinct);
  for (const rank of of) counts[rank] = (counts[rank] ?? 0) + 1;
  return counts;
}

/** For each answer, how many others have another value. */
function untied(ranks: Ranks): Float64Array {
  const counts = countsOf(ranks);
  return Float64Array.from(ranks.of, (rank) => ranks.of.length - (counts[rank] ?? 0));
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
  const [below, above] = [new CountTree(y.distinct), new CountTree(y.distinct)];
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
  const points = group.map((index) => [xs[index] ?? 0, ys[index] ?? 0] as const);
  let [order, byX, byY] = [0, 0, 0];
  for (const [a, [x, y]] of points.entries()) {
    for (const [otherX, otherY] of points.slice(0, a)) {
      const gapX = Math.sign(otherX - x);
      const gapY = Math.sign(otherY - y);
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
