import { alignTable } from '../alignTable.ts';

/** One topic of a report: a table and what must be said beside it. */
export interface Section {
  readonly title: string;
  /** Plain sentences above the table: what it says, and how it was reckoned. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the table leaves out. */
  readonly gaps?: readonly string[];
}

/** In monospaced text. A section without rows is its sentences. */
export function sectionText({ title, notes, columns, rows, gaps = [] }: Section): string {
  const table = rows.length > 0 ? [alignTable([columns, ...rows])] : [];
  return [title, ...notes, ...table, ...gaps].join('\n');
}
