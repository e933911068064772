import type { Estimate } from '../../findings/estimate.ts';
import { type EstimateText, formatDifference, formatEstimate } from '../../findings/formatEstimate.ts';
import { escapeHtml } from '../../exports/escapeHtml.ts';
import type { Figure, FigureItem } from '../../findings/report/section.ts';

/** Of one item: a line of words over a line with the whisker, so that both have the width of a phone. */
const rowHeight = 42;
/** Dots at the ends of the scale stay whole. */
const margin = 3;

/** Dots and whiskers; places are in per cent of the width, so that the figure fits any. */
export function figureSvg(figure: Figure, voiceOf: (model: string) => string): string {
  const { title, items } = figure;
  const height = items.length * rowHeight + 22;
  const ends = [figure.min, figure.max].map((end) => textOf(figure, pointAt(end)).value);
  const zero = figure.min < 0 ? line(placeOf(figure, 0), [0, height - 20], 'zero') : '';
  const rows = items.map((item, index) => rowSvg(figure, item, index * rowHeight, voiceOf(item.model)));
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg role="img" aria-label="${escapeHtml(`${title}: the table below has the numbers`)}" width="100%" height="${height}">
${zero}${rows.join('\n')}
<text class="end" x="0" y="${height - 4}">${ends[0]}</text>
<text class="end" x="100%" y="${height - 4}" text-anchor="end">${ends[1]}</text>
</svg></figure>`;
}

function rowSvg(figure: Figure, { model, label, estimate }: FigureItem, top: number, voice: string): string {
  const { value, interval } = textOf(figure, estimate);
  const words = `${model}, ${label}`;
  const numbers = `${value}${interval === null ? '' : ` (${interval})`}, n ${estimate.n}`;
  const middle = top + 28;
  return `<g style="color:var(--voice-${escapeHtml(voice)},var(--voice-base))">
<text x="0" y="${top + 14}">${escapeHtml(words)}</text>
<text class="numbers" x="100%" y="${top + 14}" text-anchor="end">${escapeHtml(numbers)}</text>
<line class="axis" x1="${margin}%" x2="${100 - margin}%" y1="${middle}" y2="${middle}"/>
${markSvg(figure, estimate, middle)}</g>`;
}

function markSvg(figure: Figure, estimate: Estimate, middle: number): string {
  if (estimate.kind === 'none') return '';
  const dot = `<circle cx="${placeOf(figure, estimate.value)}%" cy="${middle}" r="5"/>`;
  if (estimate.kind === 'point') return dot;
  const [low, high] = [placeOf(figure, estimate.low), placeOf(figure, estimate.high)];
  const whisker = `<line class="whisker" x1="${low}%" x2="${high}%" y1="${middle}" y2="${middle}"/>`;
  const caps = [low, high].map((place) => line(place, [middle - 5, middle + 5], 'whisker'));
  return [whisker, ...caps, dot].join('');
}

function line(place: number, [top, bottom]: readonly [number, number], name: string): string {
  return `<line class="${name}" x1="${place}%" x2="${place}%" y1="${top}" y2="${bottom}"/>`;
}

function placeOf({ min, max }: Figure, value: number): number {
  const share = Math.min(1, Math.max(0, (value - min) / (max - min)));
  return Number((margin + share * (100 - 2 * margin)).toFixed(2));
}

function textOf({ min, unit }: Figure, estimate: Estimate): EstimateText {
  return min < 0 ? formatDifference(estimate, unit) : formatEstimate(estimate, unit);
}

const pointAt = (value: number): Estimate => ({
  ...{ kind: 'point', reason: 'no-spread', value },
  ...{ n: 0, clusters: 0, missing: 0 },
});
