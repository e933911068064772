import * as Plot from '@observablehq/plot';
import type { HistogramFigure } from '../findings/report/figure.ts';
import { type DrawOptions, type Picture, colours, fontSize, pictureOf } from './picture.ts';
import { axisHeight, ticksFor } from './rowMarks.ts';

const plotHeight = 120;

/** A bar for each score that was given, round numbers in ink. */
export function drawHistogram(figure: HistogramFigure, { width }: DrawOptions): Picture {
  const { scores, round, min, max } = figure;
  const bars = scores.map(({ score, count }) => ({
    ...{ x1: score - 0.4, x2: score + 0.4, count },
    colour: round === null || score % round === 0 ? colours.ink : 'var(--edge, var(--ink-soft))',
  }));
  const most = Math.max(...scores.map(({ count }) => count), 1);
  const text = { fontSize: fontSize - 1, color: colours.soft, tickSize: 0 };
  return pictureOf({
    ...{ width, height: plotHeight + axisHeight + 8 },
    ...{ marginLeft: 12 + String(most).length * 8, marginRight: 8, marginTop: 8, marginBottom: axisHeight },
    x: { domain: [min - 1, max + 1], label: null },
    y: { domain: [0, most], nice: true, label: null },
    color: { type: 'identity' },
    marks: [
      Plot.gridY({ stroke: colours.rule, strokeOpacity: 1, ticks: 3 }),
      Plot.axisY({ ...text, ticks: 3, tickFormat: (count: number) => String(count), label: null }),
      Plot.axisX({
        ...{ ...text, tickPadding: 6, ticks: ticksFor(width), tickFormat: (score: number) => String(score) },
        ...{ label: 'score', labelAnchor: 'center', labelArrow: 'none', labelOffset: 36 },
      }),
      Plot.rect(bars, { x1: 'x1', x2: 'x2', y1: 0, y2: 'count', fill: 'colour' }),
      Plot.ruleY([0], { stroke: colours.soft }),
    ],
  });
}
