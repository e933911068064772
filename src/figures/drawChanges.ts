import * as Plot from '@observablehq/plot';
import type { Estimate } from '../findings/estimate.ts';
import type { ChangesFigure } from '../findings/report/figure.ts';
import { layoutRows } from './layoutRows.ts';
import { type DrawOptions, type Picture, colourOf } from './picture.ts';
import { estimateText, pictureOfRows, tickText, withInterval } from './rowMarks.ts';

/** Half the distance of the two ends of a change, so that their intervals do not cover each other. */
const apart = 4;

/** From a ring, the base, to a dot, the model; the number is the difference. */
export function drawChanges(figure: ChangesFigure, { width, models }: DrawOptions): Picture {
  const { items, min, max, axis, base } = figure;
  const text = (item: (typeof items)[number]) => withInterval(estimateText(figure, item.difference, true));
  const layout = layoutRows(items, text, { width, models, markHeight: 20 });
  const { rows } = layout;
  const before = colourOf(base, models);
  const from = rows.flatMap(({ item, y }) => markOf(item.before, y - apart, before));
  const to = rows.flatMap(({ item, y, colour }) => markOf(item.after, y + apart, colour));
  const links = rows.flatMap(({ item, y, colour }) => {
    const [start, end] = [valueOf(item.before), valueOf(item.after)];
    return start === null || end === null
      ? []
      : [{ x1: start, x2: end, y1: y - apart, y2: y + apart, colour }];
  });
  const intervals = [...from, ...to].filter(({ low }) => low !== null);
  return pictureOfRows(layout, {
    width,
    x: { domain: [min, max] },
    axis: { label: axis, format: tickText(figure, false) },
    marks: [
      Plot.link(intervals, { x1: 'low', x2: 'high', y: 'y', stroke: 'colour', strokeWidth: 1.25 }),
      Plot.link(links, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', stroke: 'colour', strokeWidth: 2.5 }),
      Plot.dot(from, {
        x: 'value',
        y: 'y',
        stroke: 'colour',
        fill: 'var(--paper)',
        strokeWidth: 1.75,
        r: 3.75,
      }),
      Plot.dot(to, { x: 'value', y: 'y', fill: 'colour', r: 4.5 }),
    ],
  });
}

function valueOf(estimate: Estimate): number | null {
  return estimate.kind === 'none' ? null : estimate.value;
}

function markOf(estimate: Estimate, y: number, colour: string) {
  if (estimate.kind === 'none') return [];
  const { low, high } = estimate.kind === 'interval' ? estimate : { low: null, high: null };
  return [{ value: estimate.value, low, high, y, colour }];
}
