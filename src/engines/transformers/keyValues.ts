/**
 * Keys and values of a batch as plain arrays, for joining rows of different length. Rows lie at the right
 * end of `width` positions; what is left of them is hidden by the attention mask.
 */
export interface KeyValues {
  readonly rows: number;
  readonly width: number;
  /** Key and value of layer 0, key and value of layer 1, ...: [rows, heads, width, headSize]. */
  readonly arrays: readonly Float32Array[];
}

export interface CacheShape {
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
  /** Base of the rotary angles. */
  readonly ropeTheta: number;
}

/** One row of some batch: its last `length` positions count. */
export interface RowSource {
  readonly from: KeyValues;
  readonly row: number;
  readonly length: number;
}

export function emptyKeyValues(rows: number, width: number, shape: CacheShape): KeyValues {
  const size = rows * shape.heads * width * shape.headSize;
  return { rows, width, arrays: Array.from({ length: 2 * shape.layers }, () => new Float32Array(size)) };
}

/** A new batch of the given rows, `width` wide (at least the longest row). */
export function joinRows(sources: readonly RowSource[], width: number, shape: CacheShape): KeyValues {
  const joined = emptyKeyValues(sources.length, width, shape);
  sources.forEach((source, row) => placeRow(joined, row, source, shape));
  return joined;
}

/**
 * Writes a row into place. Keys carry their position as a rotation, so a row that moves along the width
 * has its keys rotated by the distance: attention depends on distances only, and stays the same.
 */
export function placeRow(target: KeyValues, row: number, source: RowSource, shape: CacheShape): void {
  const { from, length } = source;
  const moved = target.width - from.width;
  const turn = moved === 0 ? null : rotation(moved, shape);
  const span = length * shape.headSize;
  target.arrays.forEach((array, index) => {
    const input = from.arrays[index] as Float32Array;
    for (let head = 0; head < shape.heads; head++) {
      const end = ((row * shape.heads + head) * target.width + target.width) * shape.headSize;
      const inputEnd = ((source.row * shape.heads + head) * from.width + from.width) * shape.headSize;
      array.set(input.subarray(inputEnd - span, inputEnd), end - span);
      if (turn && index % 2 === 0) rotate(array.subarray(end - span, end), turn);
    }
  });
}

interface Rotation {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function rotation(positions: number, { headSize, ropeTheta }: CacheShape): Rotation {
  const half = headSize / 2;
  const angles = Float64Array.from({ length: half }, (_, i) => positions / ropeTheta ** (i / half));
  return { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
}

/** Rotates every position of one head: the halves of a key are the two coordinates. */
function rotate(keys: Float32Array, { cos, sin }: Rotation): void {
  const half = cos.length;
  for (let at = 0; at < keys.length; at += 2 * half) {
    for (let i = 0; i < half; i++) {
      const a = keys[at + i] as number;
      const b = keys[at + half + i] as number;
      keys[at + i] = a * (cos[i] as number) - b * (sin[i] as number);
      keys[at + half + i] = b * (cos[i] as number) + a * (sin[i] as number);
    }
  }
}
