import type { RunFile } from '../core/runFile.ts';
import { type Field, flatRows } from './flatRows.ts';

/**
 * A run as CSV (RFC 4180, UTF-8), one row for each answer. An empty field is a missing value. A text that begins
 * with = + - @, a tab or a line end gets an apostrophe before it, since spreadsheets would run it as a formula;
 * other programs have to take that apostrophe off.
 * Written here because csv-stringify brings 80 KB of Buffer and stream polyfills to a browser.
 */
export function* writeCsv(data: RunFile): Generator<string> {
  let isFirst = true;
  for (const row of flatRows(data)) {
    if (isFirst) yield csvLine(Object.keys(row));
    isFirst = false;
    yield csvLine(Object.values(row));
  }
}

/** One line with its end. */
export function csvLine(fields: readonly Field[]): string {
  return `${fields.map(cellOf).join(',')}\r\n`;
}

function cellOf(field: Field): string {
  if (field === null) return '';
  if (typeof field !== 'string') return String(field);
  const safe = /^[=+\-@\t\r\n]/.test(field) ? `'${field}` : field;
  // An empty text is quoted, to tell it from a missing value.
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
