import type { RunFile } from '../core/runFile.ts';
import { flatRows } from './flatRows.ts';

/** A run as JSON lines, one flat object for each answer, as pandas.read_json(lines=True) reads it. */
export function* writeRows(data: RunFile): Generator<string> {
  for (const row of flatRows(data)) yield `${JSON.stringify(row)}\n`;
}
