import type { RunFile } from '../core/runFile.ts';
import { type FlatRow, flatRows } from './flatRows.ts';

/**
 * A run as JSON lines, one flat object for each answer, as pandas.read_json(lines=True) and Hugging Face datasets
 * read them. The rows that show what each column holds come first: datasets takes a column's type from the first
 * 10 MB, and fails at a later text or fraction where it saw only nulls or whole numbers.
 */
export function* writeRows(data: RunFile): Generator<string> {
  const later: FlatRow[] = [];
  const shown = new Set<string>();
  for (const row of flatRows(data)) {
    const shows = Object.entries(row).flatMap(([column, field]) => {
      if (field === null) return [];
      return typeof field === 'number' && !Number.isInteger(field) ? [column, `${column}.`] : [column];
    });
    if (shows.every((name) => shown.has(name))) later.push(row);
    else yield lineOf(row);
    shows.forEach((name) => shown.add(name));
  }
  for (const row of later) yield lineOf(row);
}

const lineOf = (row: FlatRow): string => `${JSON.stringify(row)}\n`;
