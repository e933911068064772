import type { Estimate } from '../estimate.ts';
import type { Unit } from '../formatEstimate.ts';

/** Values with their whiskers on one scale, for where there is room to draw. */
export interface Figure {
  readonly title: string;
  readonly unit: Unit;
  /** The ends of the scale; a scale that runs through 0 is one of differences, and shows it. */
  readonly min: number;
  readonly max: number;
  readonly items: readonly FigureItem[];
}

export interface FigureItem {
  /** Which model, by its id: it has its voice's colour. */
  readonly model: string;
  readonly label: string;
  readonly estimate: Estimate;
}

/** One topic of a report: a table and what must be said beside it. */
export interface Section {
  readonly title: string;
  /** Plain sentences above the table: what it says, and how it was reckoned. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The table's numbers as sentences that can be read without it. */
  readonly claims?: readonly string[];
  readonly figures?: readonly Figure[];
  /** What the table leaves out. */
  readonly gaps?: readonly string[];
}
