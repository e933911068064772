import type { Figure } from './figure.ts';

/** One topic of a report: what is claimed, figures, a table, and how it was reckoned. */
export interface Section {
  readonly title: string;
  /** Plain sentences: how it was reckoned, and how to read it. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the numbers say, in sentences that can be read without them; the most telling first. */
  readonly claims?: readonly string[];
  readonly figures?: readonly Figure[];
  /** What the table leaves out. */
  readonly gaps?: readonly string[];
}
