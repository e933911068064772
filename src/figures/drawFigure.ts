import type { Figure } from '../findings/report/figure.ts';
import { drawBars } from './drawBars.ts';
import { drawChanges } from './drawChanges.ts';
import { drawHistogram } from './drawHistogram.ts';
import { drawIntervals } from './drawIntervals.ts';
import { drawPower } from './drawPower.ts';
import type { DrawOptions, Picture } from './picture.ts';

/** A figure as SVG, whose colours are variables of the page: `--ink`, `--ink-soft`, `--rule`, `--voice-…`. */
export function drawFigure(figure: Figure, options: DrawOptions): Picture {
  switch (figure.kind) {
    case 'intervals':
      return drawIntervals(figure, options);
    case 'changes':
      return drawChanges(figure, options);
    case 'shares':
      return drawBars(figure, options);
    case 'histogram':
      return drawHistogram(figure, options);
    case 'power':
      return drawPower(figure, options);
  }
}
