import type { Section } from '../../findings/report/section.ts';
import { alignTable } from '../alignTable.ts';

/** In monospaced text, without figures and claims. A section without rows is its sentences. */
export function sectionText({ title, notes, columns, rows, gaps = [] }: Section): string {
  const table = rows.length > 0 ? [alignTable([columns, ...rows])] : [];
  return [title, ...notes, ...table, ...gaps].join('\n');
}
