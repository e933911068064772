/** Pairs of numbers of one answer each. An answer with several ratings gives several, of weights that sum to their number. */
export interface PairColumns<Numbers extends ArrayLike<number> = ArrayLike<number>> {
  /** The prompts that are answered, numbered from 0. */
  readonly clusters: ArrayLike<number>;
  readonly x: Numbers;
  readonly y: Numbers;
  readonly weight: ArrayLike<number>;
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

/** `sameScale`: both sides have all values of either. */
export function crossTable(pairs: PairColumns, { sameScale }: { readonly sameScale: boolean }): CrossTable {
  const xs = sameScale ? ascending([pairs.x, pairs.y]) : ascending([pairs.x]);
  const ys = sameScale ? xs : ascending([pairs.y]);
  const places = { x: placesIn(xs, pairs.x), y: placesIn(ys, pairs.y) };
  return { xs, ys, ...tabulate({ ...pairs, ...places }, xs.length, ys.length) };
}

/** The cells of pairs of places on scales of so many values. */
export function tabulate(
  { clusters, x, y, weight }: PairColumns<Int32Array>,
  lengthX: number,
  lengthY: number,
): Pick<CrossTable, 'cells' | 'margins' | 'clusters'> {
  const places = new Map<number, number>();
  const cells = new CellColumns();
  const own: CellColumns[] = [];
  for (let pair = 0; pair < x.length; pair += 1) {
    const [placeX, placeY, added] = [x[pair] ?? 0, y[pair] ?? 0, weight[pair] ?? 0];
    const code = placeX * lengthY + placeY;
    const cell = places.get(code);
    if (cell === undefined) places.set(code, cells.push(placeX, placeY, added));
    else cells.weight[cell] = (cells.weight[cell] ?? 0) + added;
    (own[clusters[pair] ?? 0] ??= new CellColumns()).push(placeX, placeY, added);
  }
  const all = cells.packed();
  const margins = { xs: new Float64Array(lengthX), ys: new Float64Array(lengthY) };
  addTo(margins, all, 1);
  return { cells: all, margins, clusters: own.map((each) => each.packed()) };
}

class CellColumns {
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly weight: number[] = [];

  /** Gives its place. */
  push(x: number, y: number, weight: number): number {
    this.x.push(x);
    this.y.push(y);
    return this.weight.push(weight) - 1;
  }

  packed(): Cells {
    return {
      x: new Int32Array(this.x),
      y: new Int32Array(this.y),
      weight: new Float64Array(this.weight),
    };
  }
}

/** All values that occur, once each. */
export function ascending(columns: readonly ArrayLike<number>[]): number[] {
  const seen = new Set<number>();
  for (const column of columns)
    for (let place = 0; place < column.length; place += 1) seen.add(column[place] ?? NaN);
  return [...Float64Array.from(seen).sort()];
}

/** Where in the ascending `scale` each value stands. */
export function placesIn(scale: readonly number[], values: ArrayLike<number>): Int32Array {
  const places = new Map(scale.map((value, place) => [value, place]));
  const found = new Int32Array(values.length);
  for (let index = 0; index < found.length; index += 1) found[index] = places.get(values[index] ?? NaN) ?? 0;
  return found;
}

function addTo({ xs, ys }: Margins, { x, y, weight }: Cells, sign: 1 | -1): void {
  for (let cell = 0; cell < weight.length; cell += 1) {
    const added = sign * (weight[cell] ?? 0);
    xs[x[cell] ?? 0] = (xs[x[cell] ?? 0] ?? 0) + added;
    ys[y[cell] ?? 0] = (ys[y[cell] ?? 0] ?? 0) + added;
  }
}

/** Without a prompt that is left out. */
export function marginsWithout({ margins }: Pick<CrossTable, 'margins'>, left: Cells | undefined): Margins {
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
export function leaveOut({ clusters }: Pick<CrossTable, 'clusters'>, statistic: (left?: Cells) => number) {
  return { value: statistic(), leftOut: clusters.map((left) => statistic(left)) };
}

export function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
