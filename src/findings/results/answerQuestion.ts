import { type Rubric, rubricOf } from '../../core/rubric.ts';
import type { PlannedPrompt } from '../../core/run.ts';
import type { JudgedAnswer } from '../answers.ts';
import type { Estimate } from '../estimate.ts';
import { type AnswerFilter, filterAnswers } from '../filterAnswers.ts';
import { gatherRows, gatherWhole } from '../gatherRows.ts';
import { buildMatrix } from '../matrix.ts';
import { measuresOf, readIn } from '../measures.ts';
import type { Study } from '../report/study.ts';
import type { Dimension } from '../rowKey.ts';
import { type SummaryRow, summarise } from '../summarise.ts';

/** What is asked of a run's records. */
export interface ResultsQuestion {
  /** Position in the run's judgings; null for the answers alone. */
  readonly judging: number | null;
  readonly by: Dimension;
  readonly filter: AnswerFilter;
  /** Id of the measure by which answers stand, the highest first; null: in the run's order. */
  readonly sort: string | null;
}

/** A {@link SummaryRow} that can be sent: its measures by their ids. */
export interface SentRow extends Omit<SummaryRow, 'measures'> {
  readonly measures: readonly { readonly id: string; readonly estimate: Estimate }[];
}

/** A prompt with the keys of each model's answers to it. */
export interface SentMatrixRow {
  readonly prompt: PlannedPrompt;
  readonly cells: readonly (readonly string[])[];
}

/** What the records say, with answers by their keys: 20,000 of them are more than a page can take at once. */
export interface ResultsAnswer {
  readonly question: ResultsQuestion;
  readonly rows: readonly SentRow[];
  /** A row per model and suite. */
  readonly overall: readonly SentRow[];
  readonly answers: readonly string[];
  readonly matrix: { readonly models: readonly string[]; readonly rows: readonly SentMatrixRow[] };
}

export function answerQuestion(study: Study, question: ResultsQuestion): ResultsAnswer {
  const { run, rubrics } = study.stored;
  const { by, filter } = question;
  const judging = question.judging === null ? undefined : run.judgings[question.judging];
  const answers = study.answersOf(judging ?? null);
  const rubric = judging && rubricOf(rubrics, judging);
  const left = filterAnswers(answers, filter);
  const gathered = gatherRows({ run, answers, filter, by: [by], ...(rubric ? { rubric } : {}) });
  const matrix = buildMatrix(run, left, filter);
  return {
    question,
    rows: summarise(gathered).map(sentRow),
    overall: summarise(gatherWhole(gathered)).map(sentRow),
    answers: sortByMeasure(left, rubric, question.sort).map(keyOf),
    matrix: {
      models: matrix.models.map(({ id }) => id),
      rows: matrix.rows.map(({ prompt, cells }) => ({ prompt, cells: cells.map((cell) => cell.map(keyOf)) })),
    },
  };
}

const keyOf = ({ rollout }: JudgedAnswer): string => rollout.key;

function sentRow({ measures, ...row }: SummaryRow): SentRow {
  return { ...row, measures: measures.map(({ measure, estimate }) => ({ id: measure.id, estimate })) };
}

/** The row as it was, given its rubric. */
export function receivedRow({ measures, ...row }: SentRow, rubric: Rubric | null): SummaryRow {
  const known = new Map((rubric ? measuresOf(rubric) : []).map((measure) => [measure.id, measure]));
  return {
    ...row,
    measures: measures.flatMap(({ id, estimate }) => {
      const measure = known.get(id);
      return measure ? [{ measure, estimate }] : [];
    }),
  };
}

/** In descending order of a measure; those without it come last, in their order. */
function sortByMeasure(
  answers: readonly JudgedAnswer[],
  rubric: Rubric | undefined,
  sort: string | null,
): readonly JudgedAnswer[] {
  const measure = rubric && measuresOf(rubric).find(({ id }) => id === sort);
  if (!measure) return answers;
  return answers
    .map((answer) => ({ answer, value: readIn(measure, answer) ?? -Infinity }))
    .sort((a, b) => (a.value === b.value ? 0 : b.value - a.value))
    .map(({ answer }) => answer);
}
