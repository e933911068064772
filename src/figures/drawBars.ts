import * as Plot from '@observablehq/plot';
import type { SharesFigure } from '../findings/report/figure.ts';
import { layoutRows } from './layoutRows.ts';
import type { DrawOptions, Picture } from './picture.ts';
import { pictureOfRows, tickText } from './rowMarks.ts';

/** How much of a row its bar fills. */
const thickness = 11;

/** Bars from the left, a row each; the number is the count. */
export function drawBars(figure: SharesFigure, { width, models }: DrawOptions): Picture {
  const { items } = figure;
  const layout = layoutRows(items, ({ count, of }) => `${count} of ${of}`, { width, models, markHeight: 14 });
  const bars = layout.rows.map(({ item, y, colour }) => ({
    ...{ x: item.count / item.of, colour },
    ...{ y1: y - thickness / 2, y2: y + thickness / 2 },
  }));
  const most = Math.max(...bars.map(({ x }) => x), 0.01);
  return pictureOfRows(layout, {
    width,
    x: { domain: [0, most], nice: true },
    axis: { label: 'per cent of answers', format: tickText({ unit: 'percent' }, false) },
    marks: [Plot.rect(bars, { x1: 0, x2: 'x', y1: 'y1', y2: 'y2', fill: 'colour' })],
  });
}
