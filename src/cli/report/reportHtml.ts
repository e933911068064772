import { escapeHtml } from '../../exports/escapeHtml.ts';
import { figureHtml } from '../../exports/figureHtml.ts';
import { figureStyles } from '../../exports/figureStyles.ts';
import { htmlPage } from '../../exports/htmlPage.ts';
import type { FigureModels } from '../../figures/picture.ts';
import type { Report } from '../../findings/report/buildReport.ts';
import type { Section } from '../../findings/report/section.ts';

/** Of a section's sentences those that stand open. */
const openClaims = 4;

/** The report as one file without scripts, which needs nothing else and reads on a phone, by day and by night. */
export function reportHtml(name: string, { head, sections, models }: Report): string {
  const voices: FigureModels = new Map(models.map((model) => [model.id, model]));
  const contents = sections.map(
    ({ title }, place) => `<li><a href="#s${place}">${escapeHtml(title)}</a></li>`,
  );
  const body = `<h1>${escapeHtml(name)}</h1>
<p>${escapeHtml(head)} Intervals are 95 %, for another draw of prompts.</p>
<nav aria-label="Sections"><ol>${contents.join('')}</ol></nav>
${sections.map((section, place) => sectionHtml(section, place, voices)).join('\n')}`;
  return htmlPage({ title: `${name}: report`, body, styles });
}

function sectionHtml(section: Section, place: number, models: FigureModels): string {
  const { title, notes, claims = [], figures = [], gaps = [] } = section;
  const paragraphs = (texts: readonly string[], name: string) =>
    texts.map((text) => `<p class="${name}">${escapeHtml(text)}</p>`).join('');
  const list = (texts: readonly string[]) =>
    `<ul>${texts.map((claim) => `<li>${escapeHtml(claim)}</li>`).join('')}</ul>`;
  const more = claims.slice(openClaims);
  return `<section aria-labelledby="s${place}">
<h2 id="s${place}">${escapeHtml(title)}</h2>
${claims.length === 0 ? '' : list(claims.slice(0, openClaims))}
${more.length === 0 ? '' : `<details><summary>${more.length} more sentences</summary>${list(more)}</details>`}
${figures.map((figure) => figureHtml(figure, models)).join('\n')}
${tableHtml(section)}
${paragraphs(notes, 'note')}${paragraphs(gaps, 'note')}
</section>`;
}

function tableHtml({ title, columns, rows }: Section): string {
  if (rows.length === 0) return '';
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`);
  // The table scrolls, and not the page; by keyboard too.
  return `<details><summary>Table</summary><div class="table" role="region" tabindex="0" aria-label="${escapeHtml(`Table: ${title}`)}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div></details>`;
}

const styles = `
${figureStyles}
h3 { margin: 0 0 0.5rem; font-size: 1rem; }
.note { color: var(--ink-soft); font-size: 0.875rem; }
summary { margin-top: 0.75rem; cursor: pointer; color: var(--link); }
.table { margin-top: 0.5rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--rule); text-align: start; white-space: nowrap; }
@media print { details { display: none; } }
`;
