import { escapeHtml } from '../../exports/escapeHtml.ts';
import { htmlPage } from '../../exports/htmlPage.ts';
import type { Report } from '../../findings/report/buildReport.ts';
import { figureSvg } from './figureSvg.ts';
import type { Section } from '../../findings/report/section.ts';

/** The report as one file without scripts, which needs nothing else and reads on a phone, by day and by night. */
export function reportHtml(name: string, { head, sections, models }: Report): string {
  const voices = new Map<string, string>(models.map(({ id, voice }) => [id, voice]));
  const voiceOf = (model: string) => voices.get(model) ?? 'base';
  const contents = sections.map(
    ({ title }, place) => `<li><a href="#s${place}">${escapeHtml(title)}</a></li>`,
  );
  const body = `<h1>${escapeHtml(name)}</h1>
<p>${escapeHtml(head)} Intervals are 95 %, for another draw of prompts.</p>
<nav aria-label="Sections"><ol>${contents.join('')}</ol></nav>
${sections.map((section, place) => sectionHtml(section, place, voiceOf)).join('\n')}`;
  return htmlPage({ title: `${name}: report`, body, styles });
}

function sectionHtml(section: Section, place: number, voiceOf: (model: string) => string): string {
  const { title, notes, claims = [], figures = [], gaps = [] } = section;
  const paragraphs = (texts: readonly string[]) => texts.map((text) => `<p>${escapeHtml(text)}</p>`).join('');
  const said = claims.map((claim) => `<li>${escapeHtml(claim)}</li>`).join('');
  return `<section aria-labelledby="s${place}">
<h2 id="s${place}">${escapeHtml(title)}</h2>
${paragraphs(notes)}
${said === '' ? '' : `<ul>${said}</ul>`}
<div class="figures">${figures.map((figure) => figureSvg(figure, voiceOf)).join('\n')}</div>
${tableHtml(section)}
${paragraphs(gaps)}
</section>`;
}

function tableHtml({ title, columns, rows }: Section): string {
  if (rows.length === 0) return '';
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`);
  // The table scrolls, and not the page; by keyboard too.
  return `<div class="table" role="region" tabindex="0" aria-label="${escapeHtml(`Table: ${title}`)}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>`;
}

const styles = `
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; }
figure { margin: 1rem 0 0; }
figcaption { font-weight: 600; }
svg { display: block; overflow: visible; }
svg text { fill: currentColor; font-size: 0.8125rem; }
svg .numbers { fill: var(--ink); }
svg .end { fill: var(--quiet); font-size: 0.75rem; }
svg circle { fill: currentColor; }
svg .axis { stroke: var(--rule); }
svg .zero { stroke: var(--quiet); stroke-dasharray: 2 3; }
svg .whisker { stroke: currentColor; stroke-width: 2; }
.table { margin-top: 1rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--rule); text-align: start; white-space: nowrap; }
`;
