import type { Estimate } from '../estimate.ts';
import type { Unit } from '../formatEstimate.ts';

interface Common {
  readonly title: string;
  /** How to read it and what it rests on, with n: what a reader needs who has the picture alone. */
  readonly caption: string;
}

interface Scaled extends Common {
  readonly unit: Unit | 'coefficient';
  /** The ends of the axis, in the unit of the estimates. */
  readonly min: number;
  readonly max: number;
  /** What the axis measures. */
  readonly axis: string;
}

/** One line of a figure. Lines of one group stand together under its name. */
export interface FigureLine {
  readonly group: string;
  /** A model's id, which gives name and colour; null for what is no model's. */
  readonly model: string | null;
  /** In place of the model's name. */
  readonly name?: string;
}

/** Values with their intervals. */
export interface IntervalsFigure extends Scaled {
  readonly kind: 'intervals';
  /** Estimates are differences: 0 is marked, and signs are written. */
  readonly isDifference: boolean;
  readonly items: readonly (FigureLine & { readonly estimate: Estimate })[];
}

/** From one value to another, both with their intervals. */
export interface ChangesFigure extends Scaled {
  readonly kind: 'changes';
  /** The model's id that all begin at. */
  readonly base: string;
  readonly items: readonly (FigureLine & {
    readonly before: Estimate;
    readonly after: Estimate;
    readonly difference: Estimate;
  })[];
}

/** How often what was said, as bars. */
export interface SharesFigure extends Common {
  readonly kind: 'shares';
  readonly items: readonly (FigureLine & { readonly count: number; readonly of: number })[];
}

/** How often each whole number of a scale was given. */
export interface HistogramFigure extends Common {
  readonly kind: 'histogram';
  readonly min: number;
  readonly max: number;
  readonly scores: readonly { readonly score: number; readonly count: number }[];
  /** Multiples of it are marked; null on scales too short for round numbers. */
  readonly round: number | null;
}

/** The chance to find each difference, from 0 to 1, by the number of prompts. */
export interface PowerFigure extends Common {
  readonly kind: 'power';
  /** The chance that is aimed at. */
  readonly aim: number;
  readonly items: readonly (FigureLine & {
    readonly curve: readonly { readonly prompts: number; readonly chance: number }[];
    /** Prompts that reach the aim. */
    readonly needed: number;
  })[];
}

export type Figure = IntervalsFigure | ChangesFigure | SharesFigure | HistogramFigure | PowerFigure;
