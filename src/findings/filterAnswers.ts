import type { PlannedPrompt } from '../core/run.ts';
import type { JudgedAnswer } from './answers.ts';

export const answerStatuses = ['scored', 'unreadable', 'unjudged', 'failed'] as const;
/** `unreadable`: the verdict failed. `failed`: there is no answer. */
export type AnswerStatus = (typeof answerStatuses)[number];

/** What to look at. An absent or undefined field allows everything, an empty list nothing. */
export interface AnswerFilter {
  readonly models?: readonly string[] | undefined;
  readonly suites?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly temperatures?: readonly number[] | undefined;
  readonly statuses?: readonly AnswerStatus[] | undefined;
  /** Anywhere in the prompt or the answer, whatever the case. */
  readonly text?: string | undefined;
}

export function statusOf({ rollout, verdict }: JudgedAnswer): AnswerStatus {
  if (rollout.status === 'failed') return 'failed';
  if (!verdict) return 'unjudged';
  return verdict.status === 'scored' ? 'scored' : 'unreadable';
}

export function filterAnswers(answers: readonly JudgedAnswer[], filter: AnswerFilter): JudgedAnswer[] {
  const wanted = searchText(filter);
  return answers.filter((answer) => {
    const { rollout, prompt } = answer;
    if (!allowsCell(filter, prompt, rollout.model, rollout.temperature)) return false;
    if (!allows(filter.statuses, statusOf(answer))) return false;
    if (wanted === '') return true;
    const text = rollout.status === 'done' ? rollout.text : rollout.error;
    return `${prompt.text}\n${text}`.toLowerCase().includes(wanted);
  });
}

/** Whether the filter lets through what was planned for this prompt, whatever came of it. */
export function allowsCell(
  filter: AnswerFilter,
  prompt: PlannedPrompt,
  model: string,
  temperature: number,
): boolean {
  return (
    allowsPrompt(filter, prompt) && allows(filter.models, model) && allows(filter.temperatures, temperature)
  );
}

export function allowsPrompt(filter: AnswerFilter, prompt: PlannedPrompt): boolean {
  return (
    allows(filter.suites, prompt.suite) &&
    allows(filter.categories, prompt.category) &&
    allows(filter.groups, prompt.group)
  );
}

/** Whether the filter looks at what came out: then an answer that is not there cannot be told to be missing. */
export function looksAtOutcome(filter: AnswerFilter): boolean {
  return filter.statuses !== undefined || searchText(filter) !== '';
}

function searchText({ text }: AnswerFilter): string {
  return text?.trim().toLowerCase() ?? '';
}

function allows<Value>(list: readonly Value[] | undefined, value: Value | undefined): boolean {
  return list === undefined || (value !== undefined && list.includes(value));
}
