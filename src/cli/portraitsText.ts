import { formatEstimate } from '../findings/formatEstimate.ts';
import type { PortraitSummary } from '../findings/portrait/summarisePortraits.ts';
import { alignTable } from './alignTable.ts';

/** Of each trait; the rest is counted. */
const shownWords = 6;

/** Who the models say they are, as a table in monospaced text. */
export function portraitsText(portraits: readonly PortraitSummary[]): string {
  const head = 'Who answers identity prompts, by patterns over plain statements; 95 % intervals over prompts';
  if (portraits.length === 0) return `${head}\nThere are no answers to identity prompts.`;
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
  const columns = ['model', 'trait', 'say it', '95 %', 'agree', '95 %', 'basis', 'words'];
  return `${head}\n${alignTable([columns, ...lines])}`;
}
