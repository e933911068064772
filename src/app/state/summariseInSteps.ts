import type { Rubric } from '../../core/rubric.ts';
import type { Run } from '../../core/run.ts';
import type { JudgedAnswer } from '../../findings/answers.ts';
import type { AnswerFilter } from '../../findings/filterAnswers.ts';
import { type Dimension, type SummaryRow, summarise } from '../../findings/summarise.ts';
import { letPageRun } from './readRunInSteps.ts';

interface Options {
  readonly run: Run;
  readonly answers: readonly JudgedAnswer[];
  readonly rubric?: Rubric;
  readonly by: readonly Dimension[];
  readonly filter: AnswerFilter;
  /** Asked between two steps; true gives up. */
  readonly isStale: () => boolean;
}

/**
 * The same rows as {@link summarise} gives, reckoned model by model and suite by suite with a pause in between:
 * 20,000 answers take 200 ms at once, which would hold up the page. Null when it was given up.
 */
export async function summariseInSteps({
  answers,
  filter,
  isStale,
  ...rest
}: Options): Promise<SummaryRow[] | null> {
  const groups = new Map<string, JudgedAnswer[]>();
  for (const answer of answers) {
    const name = groupOf(answer.rollout.model, answer.prompt.suite, answer.prompt.category);
    const group = groups.get(name);
    if (group) group.push(answer);
    else groups.set(name, [answer]);
  }
  const rows: SummaryRow[] = [];
  for (const { model, suite, categories } of stepsOf(rest.run, rest.by, filter)) {
    const part = categories.flatMap((category) => groups.get(groupOf(model, suite, category)) ?? []);
    const narrowed = { ...filter, models: [model], suites: [suite], categories };
    rows.push(...summarise({ ...rest, answers: part, filter: narrowed }));
    await letPageRun();
    if (isStale()) return null;
  }
  return rows;
}

interface Step {
  readonly model: string;
  readonly suite: string;
  /** Only what stands in one row may stand in one step. */
  readonly categories: readonly string[];
}

function* stepsOf(run: Run, by: readonly Dimension[], filter: AnswerFilter): Generator<Step> {
  const models = run.models.map(({ id }) => id).filter((id) => filter.models?.includes(id) ?? true);
  const suites = unique(run.prompts.map(({ suite }) => suite)).filter(
    (id) => filter.suites?.includes(id) ?? true,
  );
  for (const model of models) {
    for (const suite of suites) {
      const all = unique(
        run.prompts.filter((prompt) => prompt.suite === suite).map(({ category }) => category),
      );
      const categories = all.filter((id) => filter.categories?.includes(id) ?? true);
      const isSplit = by.includes('category');
      const steps = isSplit ? categories.map((category) => [category]) : [categories];
      for (const step of steps) yield { model, suite, categories: step };
    }
  }
}

function groupOf(model: string, suite: string, category: string): string {
  return [model, suite, category].join('\n');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
