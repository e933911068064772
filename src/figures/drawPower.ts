import * as Plot from '@observablehq/plot';
import type { PowerFigure } from '../findings/report/figure.ts';
import { narrow } from './layoutRows.ts';
import { type DrawOptions, type Picture, colourOf, colours, fontSize, nameOf, pictureOf } from './picture.ts';
import { tickText } from './rowMarks.ts';

const plotHeight = 180;
const lineHeight = 20;
const below = 48;

/** Curves over the number of prompts; who is who stands beside them in the order in which they reach the aim. */
export function drawPower({ items, aim }: PowerFigure, { width, models }: DrawOptions): Picture {
  const isNarrow = width < narrow;
  const named = items.map((item, place) => ({
    ...{ prompts: item.needed, chance: aim, colour: colourOf(item.model, models) },
    text: `${nameOf(item, models)}: ${item.needed}`,
    y: isNarrow ? plotHeight + below + (place + 0.5) * lineHeight : 24 + place * lineHeight,
  }));
  const points = items.flatMap((item, line) =>
    item.curve.map((point) => ({ ...point, line, colour: colourOf(item.model, models) })),
  );
  const list = isNarrow ? items.length * lineHeight : 0;
  const text = { fontSize: fontSize - 1, color: colours.soft, tickSize: 0 };
  const most = Math.max(1_000, ...items.map(({ needed }) => needed));
  return pictureOf({
    ...{ width, height: plotHeight + below + list, marginTop: 12, marginBottom: below + list },
    ...{ marginLeft: 36, marginRight: isNarrow ? 12 : Math.min(240, width * 0.36) },
    x: { type: 'log', domain: [5, most], label: null, clamp: true },
    y: { domain: [0, 1], label: null },
    color: { type: 'identity' },
    marks: [
      Plot.gridY({ stroke: colours.rule, strokeOpacity: 1, ticks: 5 }),
      Plot.axisY({ ...text, ticks: 5, tickFormat: tickText({ unit: 'percent' }, false), label: null }),
      Plot.axisX(
        [5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000].filter((tick) => tick <= most),
        {
          ...{ ...text, tickPadding: 6, tickFormat: (prompts: number) => String(prompts) },
          ...{ label: 'prompts; height: chance in per cent', labelAnchor: 'center', labelArrow: 'none' },
          labelOffset: 38,
        },
      ),
      Plot.ruleY([aim], { stroke: colours.soft, strokeDasharray: '2 3' }),
      Plot.line(points, { x: 'prompts', y: 'chance', z: 'line', stroke: 'colour', strokeWidth: 1.5 }),
      Plot.dot(named, { x: 'prompts', y: 'chance', fill: 'colour', r: 4.5 }),
      ...named.map(({ text: name, y, colour }) =>
        Plot.text([name], {
          ...{ frameAnchor: isNarrow ? 'top-left' : 'top-right', text: [name], fill: colour, fontSize },
          ...{ textAnchor: 'start', lineAnchor: 'middle', dy: y - 12, dx: isNarrow ? -28 : 16 },
        }),
      ),
    ],
  });
}
