import * as Plot from '@observablehq/plot';
import type { IntervalsFigure } from '../findings/report/figure.ts';
import { layoutRows } from './layoutRows.ts';
import { type DrawOptions, type Picture, colours } from './picture.ts';
import { estimateText, pictureOfRows, tickText, withInterval } from './rowMarks.ts';

/** Dots with their intervals, a row each. */
export function drawIntervals(figure: IntervalsFigure, { width, models }: DrawOptions): Picture {
  const { items, min, max, isDifference, axis } = figure;
  const text = (item: (typeof items)[number]) =>
    withInterval(estimateText(figure, item.estimate, isDifference));
  const layout = layoutRows(items, text, { width, models, markHeight: 12 });
  const marks = layout.rows.flatMap(({ item: { estimate }, y, colour }) =>
    estimate.kind === 'none' ? [] : [{ y, colour, ...estimate }],
  );
  const intervals = marks.filter(({ kind }) => kind === 'interval');
  return pictureOfRows(layout, {
    width,
    x: { domain: [min, max] },
    axis: { label: axis, format: tickText(figure, isDifference) },
    marks: [
      isDifference ? Plot.ruleX([0], { stroke: colours.soft, y2: layout.bottom, y1: 0 }) : null,
      Plot.link(intervals, { x1: 'low', x2: 'high', y: 'y', stroke: 'colour', strokeWidth: 1.75 }),
      Plot.dot(marks, { x: 'value', y: 'y', fill: 'colour', r: 4.5 }),
    ],
  });
}
