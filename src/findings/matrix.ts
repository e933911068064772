import type { PlannedPrompt, Run } from '../core/run.ts';
import type { ModelCard } from '../core/model.ts';
import { promptKey } from '../core/promptKey.ts';
import type { JudgedAnswer } from './answers.ts';
import { type AnswerFilter, allowsPrompt, filterAnswers, looksAtOutcome } from './filterAnswers.ts';

/** Prompts x models, for reading answers side by side. */
export interface Matrix {
  readonly models: readonly ModelCard[];
  readonly rows: readonly MatrixRow[];
}

export interface MatrixRow {
  readonly prompt: PlannedPrompt;
  /** One per model, in the order of `models`; each by temperature, then by sample. Empty: no answer is there. */
  readonly cells: readonly (readonly JudgedAnswer[])[];
}

/** In the run's order. A filter on outcomes leaves out the prompts without a hit. */
export function buildMatrix(run: Run, answers: readonly JudgedAnswer[], filter: AnswerFilter = {}): Matrix {
  const models = run.models.filter(({ id }) => filter.models?.includes(id) ?? true);
  const byCell = new Map<string, JudgedAnswer[]>();
  for (const answer of filterAnswers(answers, filter)) {
    const key = cellKey(answer.rollout.model, answer.prompt);
    const cell = byCell.get(key);
    if (cell) cell.push(answer);
    else byCell.set(key, [answer]);
  }
  for (const cell of byCell.values()) cell.sort(byTemperatureAndSample);
  const rows = run.prompts
    .filter((prompt) => allowsPrompt(filter, prompt))
    .map((prompt) => ({ prompt, cells: models.map(({ id }) => byCell.get(cellKey(id, prompt)) ?? []) }))
    .filter(({ cells }) => !looksAtOutcome(filter) || cells.some((cell) => cell.length > 0));
  return { models, rows };
}

function cellKey(model: string, prompt: PlannedPrompt): string {
  return `${model}\n${promptKey(prompt)}`;
}

function byTemperatureAndSample({ rollout: a }: JudgedAnswer, { rollout: b }: JudgedAnswer): number {
  return a.temperature - b.temperature || a.sample - b.sample;
}
