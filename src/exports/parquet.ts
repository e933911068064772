import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { InputError } from '../core/errors.ts';
import type { RunFile } from '../core/runFile.ts';
import { type Field, type FlatRow, flatRows } from './flatRows.ts';

/** Columns of whole numbers; every other number is a double, so that a score keeps its type from run to run. */
const integers = new Set(['suiteVersion', 'maxTokens', 'sample', 'seed', 'promptTokens', 'tokens']);

/**
 * A run as Parquet (Snappy), the rows of {@link flatRows}: whole numbers as INT64, other numbers and scores as
 * DOUBLE, `createdAt` as a UTC timestamp in milliseconds, missing values as nulls. Throws {@link InputError} for a
 * run without answers, which has no columns.
 */
export function writeParquet(data: RunFile): Uint8Array<ArrayBuffer> {
  const rows = [...flatRows(data)];
  const [first] = rows;
  if (!first) throw new InputError('This run has no answers yet, so there is nothing to write.');
  const columnData = Object.keys(first).map((name) => columnOf(name, rows));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'otherself' }));
}

function columnOf(name: string, rows: readonly FlatRow[]): ColumnSource {
  const data = rows.map((row) => row[name] ?? null);
  if (integers.has(name)) return { name, type: 'INT64', data: data.map(wholeNumber) };
  if (name === 'createdAt') return { name, type: 'TIMESTAMP', data: data.map(date) };
  const types = new Set(data.flatMap((field) => (field === null ? [] : [typeof field])));
  const [type] = types;
  if (types.size > 1) return { name, type: 'STRING', data: data.map(text) };
  if (type === 'number') return { name, type: 'DOUBLE', data };
  return { name, type: type === 'boolean' ? 'BOOLEAN' : 'STRING', data };
}

const wholeNumber = (field: Field): bigint | null => (typeof field === 'number' ? BigInt(field) : null);
const date = (field: Field): Date | null => (typeof field === 'string' ? new Date(field) : null);
const text = (field: Field): string | null => (field === null ? null : String(field));
