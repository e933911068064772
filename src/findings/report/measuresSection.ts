import { judgeLabel } from '../../core/judgeSpec.ts';
import type { Run } from '../../core/run.ts';
import type { JudgedSet } from '../answers.ts';
import { counted, formatEstimate, unitOf } from '../formatEstimate.ts';
import { type Measure, measuresOf } from '../measures.ts';
import { reportText } from '../reportText.ts';
import type { SummaryRow } from '../summarise.ts';
import type { IntervalsFigure } from './figure.ts';
import { axisOf, basisText, byGroup, judgedTitle } from './figureParts.ts';
import { placeLabel, placeText } from './placeText.ts';
import type { Section } from './section.ts';

/** What the verdicts of one judging say: a line a row and measure. */
export function measuresSection(
  run: Run,
  { judging, rubric }: Pick<JudgedSet, 'judging' | 'rubric'>,
  rows: readonly SummaryRow[],
  /** Of each model and suite as a whole: what is said first. */
  overall: readonly SummaryRow[],
): Section {
  return {
    title: judgedTitle(rubric.title, judgeLabel(judging.judge)),
    notes: [
      'Rates and means over all scored answers; 95 % intervals, clustered by prompt (rates: Wilson; means: Student’s t, mended for skew). n counts answers with this score.',
    ],
    columns: ['model', 'suite', 'rows', 'measure', 'value', '95 %', 'basis'],
    rows: rows.flatMap(({ key, counts, measures }) =>
      measures.map(({ measure, estimate }) => {
        const { value, interval } = formatEstimate(estimate, unitOf(measure));
        const n = `n = ${estimate.n} of ${counts.answers}, ${counted(estimate.clusters, 'prompt')}`;
        return [key.model, ...placeText(key), measure.label, value, interval ?? 'no interval', n];
      }),
    ),
    claims: [...overall, ...rows].flatMap((row) => (row.measures.length > 0 ? reportText(row, { run }) : [])),
    figures: measuresOf(rubric).flatMap((measure) => figureOf(measure, rows)),
    gaps: gapsOf(rows),
  };
}

function figureOf(measure: Measure, rows: readonly SummaryRow[]): IntervalsFigure[] {
  const having = rows.filter(({ measures }) => measures.some((summary) => summary.measure.id === measure.id));
  const items = byGroup(
    having.flatMap(({ key, measures }) =>
      measures
        .filter((summary) => summary.measure.id === measure.id)
        .map(({ estimate }) => ({ group: placeLabel(key, having), model: key.model, estimate })),
    ),
  );
  if (items.length === 0) return [];
  const what = measure.type === 'rate' ? 'Share of answers' : 'Mean';
  const basis = basisText(items.map(({ estimate }) => estimate));
  const caption = `${what} with 95 % intervals, clustered by prompt. ${basis}`;
  return [
    { kind: 'intervals', title: measure.label, caption, isDifference: false, items, ...axisOf(measure) },
  ];
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
