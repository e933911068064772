import { describe, expect, it } from 'vitest';
import { emptyKeyValues, joinRows, placeRow, type CacheShape, type KeyValues } from './keyValues.ts';

const shape: CacheShape = { layers: 2, heads: 2, headSize: 4, ropeTheta: 100 };

/** Keys as the graph makes them: a fixed vector per head, rotated by its position. */
function row(width: number, first: number): KeyValues {
  const keyValues = emptyKeyValues(1, width, shape);
  keyValues.arrays.forEach((array, index) => {
    for (let at = 0; at < array.length; at += 4) {
      const position = first + ((at / 4) % width);
      for (const i of [0, 1]) {
        const angle = index % 2 === 0 ? position / 100 ** (i / 2) : 0;
        array[at + i] = 3 * Math.cos(angle);
        array[at + 2 + i] = 3 * Math.sin(angle);
      }
    }
  });
  return keyValues;
}

function lastPositions({ arrays, width }: KeyValues, rowIndex: number, length: number): number[] {
  return arrays.flatMap((array) =>
    [0, 1].flatMap((head) => {
      const end = ((rowIndex * 2 + head) * width + width) * 4;
      return [...array.subarray(end - length * 4, end)];
    }),
  );
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
}

describe('joinRows', () => {
  it('turns the keys of a row by the distance it moves, and leaves its values', () => {
    const joined = joinRows(
      [
        { from: row(3, 0), row: 0, length: 3 },
        { from: row(7, 0), row: 0, length: 7 },
      ],
      7,
      shape,
    );
    expectClose(lastPositions(joined, 0, 3), lastPositions(row(3, 4), 0, 3));
    expectClose(lastPositions(joined, 1, 7), lastPositions(row(7, 0), 0, 7));
  });

  it('moves rows back when the batch becomes narrower', () => {
    const wide = joinRows([{ from: row(3, 0), row: 0, length: 3 }], 9, shape);
    const narrow = joinRows([{ from: wide, row: 0, length: 3 }], 3, shape);
    expectClose(lastPositions(narrow, 0, 3), lastPositions(row(3, 0), 0, 3));
  });

  it('leaves the hidden positions empty', () => {
    const { arrays } = joinRows([{ from: row(1, 0), row: 0, length: 1 }], 3, shape);
    for (const array of arrays) {
      for (const head of [0, 1])
        expect([...array.subarray(head * 12, head * 12 + 8)]).toEqual(new Array(8).fill(0));
    }
  });
});

describe('placeRow', () => {
  it('writes one row and leaves the others', () => {
    const batch = joinRows(
      [
        { from: row(5, 0), row: 0, length: 5 },
        { from: row(5, 0), row: 0, length: 5 },
      ],
      5,
      shape,
    );
    const before = lastPositions(batch, 0, 5);
    placeRow(batch, 1, { from: row(2, 0), row: 0, length: 2 }, shape);
    expect(lastPositions(batch, 0, 5)).toEqual(before);
    expectClose(lastPositions(batch, 1, 2), lastPositions(row(2, 3), 0, 2));
  });
});
