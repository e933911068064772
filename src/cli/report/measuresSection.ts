import { judgeLabel } from '../../core/judgeSpec.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging } from '../../core/run.ts';
import { formatEstimate, unitOf } from '../../findings/formatEstimate.ts';
import type { SummaryRow } from '../../findings/summarise.ts';
import { placeText } from './placeText.ts';
import type { Section } from './section.ts';

/** What the verdicts of one judging say: a line a row and measure. */
export function measuresSection(judging: Judging, rubric: Rubric, rows: readonly SummaryRow[]): Section {
  return {
    title: `${rubric.title}, judged by ${judgeLabel(judging.judge)}; 95 % intervals, clustered by prompt`,
    notes: [],
    columns: ['model', 'suite', 'rows', 'measure', 'value', '95 %', 'basis'],
    rows: rows.flatMap(({ key, counts, measures }) =>
      measures.map(({ measure, estimate }) => {
        const { value, interval } = formatEstimate(estimate, unitOf(measure));
        const n = `n = ${estimate.n} of ${counts.answers}, ${estimate.clusters} prompts`;
        return [key.model, ...placeText(key), measure.label, value, interval ?? 'no interval', n];
      }),
    ),
    gaps: gapsOf(rows),
  };
}

/** Said for each kind, with its count. */
function gapsOf(rows: readonly SummaryRow[]): string[] {
  const sum = (count: (row: SummaryRow) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  const gaps = [
    [sum(({ counts }) => counts.missing ?? 0), 'planned answers are not collected yet'],
    [sum(({ counts }) => counts.failed), 'answers could not be had'],
    [sum(({ counts }) => counts.failedVerdicts), 'verdicts failed'],
    [sum(({ counts }) => counts.unjudged), 'answers are not judged yet'],
  ] as const;
  return gaps
    .filter(([count]) => count > 0)
    .map(([count, what]) => `Not in these numbers: ${count} ${what}.`);
}
