import { figureSvg } from '../figures/figureSvg.ts';
import type { FigureModels } from '../figures/picture.ts';
import type { Figure } from '../findings/report/figure.ts';
import { escapeHtml } from './escapeHtml.ts';
import { figureWidths } from './figureStyles.ts';

/** A figure with title and caption, for a page with {@link figureStyles}. */
export function figureHtml(figure: Figure, models: FigureModels): string {
  const drawn = Object.entries(figureWidths).map(
    ([name, width]) => `<div class="${name}">${figureSvg(figure, { width, models })}</div>`,
  );
  return `<figure><h3>${escapeHtml(figure.title)}</h3>
${drawn.join('\n')}
<figcaption>${escapeHtml(figure.caption)}</figcaption></figure>`;
}
