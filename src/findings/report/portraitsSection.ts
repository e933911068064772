import { formatEstimate } from '../formatEstimate.ts';
import type { PortraitSummary } from '../portrait/summarisePortraits.ts';
import type { Section } from './section.ts';

/** Of each trait; the rest is counted. */
const shownWords = 6;

/** Who the models say they are. */
export function portraitsSection(portraits: readonly PortraitSummary[]): Section {
  const lines = portraits.flatMap(({ model, answers, traits }) =>
    traits.map(({ trait, said, consistency, words }) => {
      const share = formatEstimate(said, 'percent');
      const agreement = formatEstimate(consistency, 'percent');
      const shown = words.slice(0, shownWords).map(({ word, count }) => `${word} ${count}`);
      const rest = words.length - shown.length;
      return [
        ...[model, trait, share.value, share.interval ?? '', agreement.value, agreement.interval ?? ''],
        ...[`n = ${said.n - (consistency.missing ?? 0)} of ${answers}`],
        [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', '),
      ];
    }),
  );
  return {
    title: 'Who answers identity prompts, by patterns over plain statements; 95 % intervals over prompts',
    notes: lines.length === 0 ? ['There are no answers to identity prompts.'] : [],
    columns: ['model', 'trait', 'say it', '95 %', 'agree', '95 %', 'basis', 'words'],
    rows: lines,
  };
}
