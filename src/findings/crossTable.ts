/** Two numbers of one answer. An answer with several ratings gives several, of a weight that sums to their number. */
export interface WeightedPair {
  readonly cluster: string;
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/** How often each pair of values occurs. Only pairs that do are cells, so that scores to 100 stay cheap. */
export interface CrossTable {
  /** In ascending order. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly cells: Cells;
  /** The weight at each value of either side. */
  readonly margins: Margins;
  /** What each prompt's answers add. */
  readonly clusters: readonly Cells[];
}

/** Weights at places in `xs` and `ys`. */
export interface Cells {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly weight: Float64Array;
}

export interface Margins {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

interface Cell {
  readonly x: number;
  readonly y: number;
  weight: number;
}

/** `sameScale`: both sides have all values of either. */
export function crossTable(
  pairs: readonly WeightedPair[],
  { sameScale }: { readonly sameScale: boolean },
): CrossTable {
  const [seenX, seenY] = [new Set<number>(), new Set<number>()];
  for (const { x, y } of pairs) {
    seenX.add(x);
    (sameScale ? seenX : seenY).add(y);
  }
  const xs = ascending(seenX);
  const ys = sameScale ? xs : ascending(seenY);
  const [placesX, placesY] = [placesOf(xs), placesOf(ys)];
  const cells = new Map<number, Cell>();
  const clusters = new Map<string, Cell[]>();
  for (const pair of pairs) {
    const { cluster, weight } = pair;
    const x = placesX.get(pair.x) ?? 0;
    const y = placesY.get(pair.y) ?? 0;
    const cell = cells.get(x * ys.length + y);
    if (cell) cell.weight += weight;
    else cells.set(x * ys.length + y, { x, y, weight });
    const own = clusters.get(cluster);
    if (own) own.push({ x, y, weight });
    else clusters.set(cluster, [{ x, y, weight }]);
  }
  const all = cellsOf([...cells.values()]);
  const margins = { xs: new Float64Array(xs.length), ys: new Float64Array(ys.length) };
  addTo(margins, all, 1);
  return { xs, ys, cells: all, margins, clusters: [...clusters.values()].map(cellsOf) };
}

const ascending = (values: ReadonlySet<number>): number[] => [...values].sort((a, b) => a - b);
const placesOf = (values: readonly number[]) => new Map(values.map((value, place) => [value, place]));

function cellsOf(cells: readonly Cell[]): Cells {
  const [x, y] = [new Int32Array(cells.length), new Int32Array(cells.length)];
  const weight = new Float64Array(cells.length);
  cells.forEach((cell, place) => {
    x[place] = cell.x;
    y[place] = cell.y;
    weight[place] = cell.weight;
  });
  return { x, y, weight };
}

function addTo({ xs, ys }: Margins, { x, y, weight }: Cells, sign: 1 | -1): void {
  for (let cell = 0; cell < weight.length; cell += 1) {
    const added = sign * (weight[cell] ?? 0);
    xs[x[cell] ?? 0] = (xs[x[cell] ?? 0] ?? 0) + added;
    ys[y[cell] ?? 0] = (ys[y[cell] ?? 0] ?? 0) + added;
  }
}

/** Without a prompt that is left out. */
export function marginsWithout({ margins }: CrossTable, left: Cells | undefined): Margins {
  if (!left) return margins;
  const rest = { xs: margins.xs.slice(), ys: margins.ys.slice() };
  addTo(rest, left, -1);
  return rest;
}

/** The sum of a[x] b[y] over the cells, each times its weight. */
export function productOf({ x, y, weight }: Cells, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let cell = 0; cell < weight.length; cell += 1)
    sum += (weight[cell] ?? 0) * (a[x[cell] ?? 0] ?? 0) * (b[y[cell] ?? 0] ?? 0);
  return sum;
}

/** The sum over the cells of the distance of their positions to a power, times the weight; to the power 0 it is 0 or 1. */
export function distanceOf({ x, y, weight }: Cells, positions: Float64Array, power: 0 | 1 | 2): number {
  let sum = 0;
  for (let cell = 0; cell < weight.length; cell += 1) {
    const gap = Math.abs((positions[x[cell] ?? 0] ?? 0) - (positions[y[cell] ?? 0] ?? 0));
    if (gap > 0) sum += (weight[cell] ?? 0) * (power === 0 ? 1 : power === 1 ? gap : gap * gap);
  }
  return sum;
}

/** A statistic of all prompts, and without each in turn. */
export function leaveOut({ clusters }: CrossTable, statistic: (left?: Cells) => number) {
  return { value: statistic(), leftOut: clusters.map((left) => statistic(left)) };
}

export const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
