import type { Run } from '../../../core/run.ts';
import { type AnswerFilter, type AnswerStatus, answerStatuses } from '../../../findings/filterAnswers.ts';
import { type Dimension, dimensions } from '../../../findings/rowKey.ts';

export const tabs = ['summary', 'matrix', 'answers'] as const;
export type Tab = (typeof tabs)[number];

/** What the results page shows; all of it stands in the address, so that a view can be linked. */
export interface ResultsView {
  readonly tab: Tab;
  /** Position in the run's judgings; null when there is none. */
  readonly judging: number | null;
  readonly by: Dimension;
  readonly model: string | null;
  readonly suite: string | null;
  readonly category: string | null;
  readonly group: string | null;
  readonly temperature: number | null;
  readonly status: AnswerStatus | null;
  readonly text: string;
  /** A measure's id; answers stand in the order of what it reads. */
  readonly sort: string | null;
  /** From 0. */
  readonly page: number;
  /** Key of the answer that is open. */
  readonly answer: string | null;
}

/** Reads the query of an address. What the run does not have is left out. */
export function parseView(query: URLSearchParams, run: Run): ResultsView {
  const temperature = query.has('temperature') ? Number(query.get('temperature')) : null;
  return {
    tab: oneOf(query.get('tab'), tabs) ?? 'summary',
    judging: parseJudging(query.get('judging'), run),
    by: oneOf(query.get('by'), dimensions) ?? 'category',
    model: oneOf(
      query.get('model'),
      run.models.map(({ id }) => id),
    ),
    suite: oneOf(
      query.get('suite'),
      run.prompts.map(({ suite }) => suite),
    ),
    category: oneOf(
      query.get('category'),
      run.prompts.map(({ category }) => category),
    ),
    group: oneOf(
      query.get('group'),
      run.prompts.map(({ group }) => group ?? ''),
    ),
    temperature: temperature !== null && run.temperatures.includes(temperature) ? temperature : null,
    status: oneOf(query.get('status'), answerStatuses),
    text: query.get('text') ?? '',
    sort: query.get('sort'),
    page: wholeNumber(query.get('page')) ?? 0,
    answer: query.get('answer'),
  };
}

/** The `href` of a view; what is as it is by default is left out. */
export function formatView(runId: string, view: ResultsView): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) {
    const isDefault = value === null || value === '' || value === defaults[name as keyof typeof defaults];
    if (!isDefault) query.set(name, String(value));
  }
  const text = query.toString();
  return `#/results/${encodeURIComponent(runId)}${text === '' ? '' : `?${text}`}`;
}

const defaults = { tab: 'summary', by: 'category', page: 0 } as const;

export function filterOf({
  model,
  suite,
  category,
  group,
  temperature,
  status,
  text,
}: ResultsView): AnswerFilter {
  return {
    ...(model === null ? {} : { models: [model] }),
    ...(suite === null ? {} : { suites: [suite] }),
    ...(category === null ? {} : { categories: [category] }),
    ...(group === null ? {} : { groups: [group] }),
    ...(temperature === null ? {} : { temperatures: [temperature] }),
    ...(status === null ? {} : { statuses: [status] }),
    ...(text.trim() === '' ? {} : { text }),
  };
}

/** The newest judging of all answers by a judge unless another was asked for: no repeat and no person's labels. */
function parseJudging(text: string | null, { judgings }: Run): number | null {
  const index = wholeNumber(text);
  if (index !== null && index < judgings.length) return index;
  const newest = judgings.findLastIndex(
    ({ repeat, judge }) => repeat === undefined && judge.kind !== 'human',
  );
  if (newest >= 0) return newest;
  return judgings.length === 0 ? null : judgings.length - 1;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function oneOf<Value extends string>(text: string | null, known: readonly Value[]): Value | null {
  return known.find((value) => value === text && value !== '') ?? null;
}
