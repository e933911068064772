import type { Figure } from '../findings/report/figure.ts';
import { drawFigure } from './drawFigure.ts';
import { type DrawOptions, fontSize } from './picture.ts';
import { escapeXml } from './svgDocument.ts';

const fonts = "'Source Sans 3 Variable', 'Source Sans 3', system-ui, sans-serif";

/** A figure to stand in a page, which gives the colours and says title and caption. */
export function figureSvg(figure: Figure, options: DrawOptions): string {
  const { width, height, inner } = drawFigure(figure, options);
  return `<svg class="figure" role="img" aria-label="${escapeXml(figure.title)}" aria-description="${escapeXml(figure.caption)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" fill="currentColor" font-size="${fontSize}" text-anchor="middle">${inner}</svg>`;
}

const margin = 16;
const lineHeight = 18;
const letter = 6.1;

/**
 * A figure as a file of its own, with title and caption in the picture. `resolve` gives the colour behind an
 * expression such as `var(--ink)`, since no page stands behind the file.
 */
export function standaloneSvg(
  figure: Figure,
  options: DrawOptions,
  resolve: (colour: string) => string,
): { readonly text: string; readonly width: number; readonly height: number } {
  const { width, height, inner } = drawFigure(figure, options);
  const room = Math.floor(width / letter);
  const title = wrapped(figure.title, Math.floor(room * 0.9));
  const caption = wrapped(figure.caption, room);
  const top = margin + title.length * lineHeight + 8;
  const [outerWidth, outerHeight] = [
    width + 2 * margin,
    top + height + 12 + caption.length * lineHeight + margin,
  ];
  const lines = (texts: readonly string[], y: number, rest: string) =>
    texts
      .map(
        (text, line) => `<text x="${margin}" y="${y + line * lineHeight}" ${rest}>${escapeXml(text)}</text>`,
      )
      .join('');
  const drawn =
    `<rect width="100%" height="100%" fill="var(--paper)"/>` +
    lines(title, margin + 12, 'font-weight="600" fill="var(--ink)"') +
    `<g transform="translate(${margin},${top})" text-anchor="middle" fill="var(--ink)">${inner}</g>` +
    lines(caption, top + height + 12 + 12, `fill="var(--ink-soft)" font-size="${fontSize - 1}"`);
  const text = `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${outerWidth}" height="${outerHeight}" viewBox="0 0 ${outerWidth} ${outerHeight}" font-family="${escapeXml(fonts)}" font-size="${fontSize}"><title>${escapeXml(figure.title)}</title><desc>${escapeXml(figure.caption)}</desc>${resolved(drawn, resolve)}</svg>`;
  return { text, width: outerWidth, height: outerHeight };
}

/** Attributes that are a colour alone; words that look like one stand within elements. */
function resolved(svg: string, resolve: (colour: string) => string): string {
  const known = new Map<string, string>();
  return svg.replace(/(?<= (?:fill|stroke)=")(?:var\([^"]*|currentColor)(?=")/g, (colour) => {
    const found = known.get(colour) ?? resolve(colour);
    known.set(colour, found);
    return found;
  });
}

function wrapped(text: string, room: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
