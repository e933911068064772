import * as Plot from '@observablehq/plot';
import type { Markish, ScaleOptions } from '@observablehq/plot';
import type { ChangesFigure, FigureLine, IntervalsFigure } from '../findings/report/figure.ts';
import type { Estimate } from '../findings/estimate.ts';
import {
  type EstimateText,
  formatCoefficient,
  formatDifference,
  formatEstimate,
} from '../findings/formatEstimate.ts';
import type { RowLayout } from './layoutRows.ts';
import { type Picture, colours, fontSize, pictureOf } from './picture.ts';

/** Names on the left and numbers on the right of their rows. */
function wordMarks<Item extends FigureLine>({ names, numbers, marginLeft, marginRight }: RowLayout<Item>) {
  const common = { y: 'y', text: 'text', fill: 'colour', fontSize, lineAnchor: 'middle' } as const;
  const headings = names.filter(({ isHeading }) => isHeading);
  const others = names.filter(({ isHeading }) => !isHeading);
  const left = { frameAnchor: 'left', textAnchor: 'start', dx: -marginLeft } as const;
  const right = { frameAnchor: 'right', textAnchor: 'end', dx: marginRight } as const;
  return [
    Plot.text(headings, { ...common, ...left, fontWeight: 600 }),
    Plot.text(others, { ...common, ...left }),
    Plot.text(numbers, { ...common, ...right, fontVariant: 'tabular-nums' }),
  ];
}

interface AxisOptions {
  readonly label: string;
  readonly format: (value: number) => string;
  readonly ticks: number;
}

/** Of a figure with a line a row: `marks` between the axis and the words. */
interface RowsOptions {
  readonly width: number;
  readonly x: ScaleOptions;
  readonly axis: Pick<AxisOptions, 'label' | 'format'>;
  readonly marks: readonly (Markish | null)[];
}

export function pictureOfRows<Item extends FigureLine>(
  layout: RowLayout<Item>,
  { width, x, axis, marks }: RowsOptions,
): Picture {
  const { marginLeft, marginRight, bottom } = layout;
  return pictureOf({
    ...{ width, height: bottom + axisHeight },
    ...{ marginLeft, marginRight, marginTop: 0, marginBottom: axisHeight },
    x: { ...x, label: null },
    y: { type: 'identity', axis: null },
    color: { type: 'identity' },
    marks: [
      ...axisMarks({ ...axis, ticks: ticksFor(width - marginLeft - marginRight) }),
      ...marks,
      ...wordMarks(layout),
    ],
  });
}

/** Thin lines and numbers below, with what they measure. */
function axisMarks({ label, format, ticks }: AxisOptions) {
  return [
    Plot.gridX({ stroke: colours.rule, strokeOpacity: 1, ticks }),
    Plot.axisX({
      ...{ ticks, label, tickSize: 0, tickPadding: 6, fontSize: fontSize - 1, color: colours.soft },
      ...{ tickFormat: format, labelAnchor: 'center', labelArrow: 'none', labelOffset: 36 },
    }),
  ];
}

export const axisHeight = 44;

export function ticksFor(width: number): number {
  return Math.max(2, Math.min(6, Math.floor(width / 60)));
}

type Scaled = Pick<IntervalsFigure | ChangesFigure, 'unit'>;

export function estimateText({ unit }: Scaled, estimate: Estimate, isDifference: boolean): EstimateText {
  if (unit === 'coefficient') return formatCoefficient(estimate);
  return isDifference ? formatDifference(estimate, unit) : formatEstimate(estimate, unit);
}

/** As "71 % (60–80 %)". */
export function withInterval({ value, interval }: EstimateText): string {
  return interval === null ? value : `${value} (${interval})`;
}

/** Of an axis. */
export function tickText({ unit }: Scaled, isDifference: boolean): (value: number) => string {
  return (value) => {
    const shown = Number((value * (unit === 'percent' ? 100 : 1)).toPrecision(6));
    const sign = isDifference && shown > 0 ? '+' : '';
    return `${sign}${shown}`;
  };
}
