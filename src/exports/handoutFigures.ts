import { judgingSteps } from '../findings/report/buildReport.ts';
import { type StoredAnswers, Study } from '../findings/report/study.ts';
import { escapeHtml } from './escapeHtml.ts';
import { figureHtml } from './figureHtml.ts';

/** Sentences that a reader takes in. */
const claimsAtMost = 4;

/** For {@link writeHandout}: what each judging of a run measured, as sentences and figures. Empty where none did. */
export function handoutFigures(stored: StoredAnswers): string {
  const models = new Map(stored.run.models.map((model) => [model.id, model]));
  if (stored.run.judgings.length === 0) return '';
  const sections: string[] = [];
  for (const { sections: told } of judgingSteps(new Study(stored), { by: 'category' })) {
    const [section] = told;
    if (!section) continue;
    const claims = (section.claims ?? []).slice(0, claimsAtMost);
    const figures = (section.figures ?? []).map((figure) => figureHtml(figure, models));
    sections.push(`<article><h2>${escapeHtml(section.title)}</h2>
<ul>${claims.map((claim) => `<li>${escapeHtml(claim)}</li>`).join('')}</ul>
${figures.join('\n')}</article>`);
  }
  return sections.join('\n');
}
