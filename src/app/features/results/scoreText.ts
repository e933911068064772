import { type Rubric, type Signal, isRated, notSaid } from '../../../core/rubric.ts';
import type { Score } from '../../../core/parseVerdict.ts';
import type { Verdict } from '../../../core/verdict.ts';
import { measuresOf } from '../../../findings/measures.ts';

export interface ScoreText {
  readonly label: string;
  /** Null when the judge gave no such score. */
  readonly value: string | null;
}

/** A verdict's scores for people, and the reward that follows from them. What the answer does not say is left out. */
export function scoreTexts(rubric: Rubric, verdict: Extract<Verdict, { status: 'scored' }>): ScoreText[] {
  const scores = rubric.signals
    .filter((signal) => isTold(signal, verdict.scores[signal.id]))
    .map((signal) => ({ label: signal.label, value: valueText(signal, verdict.scores[signal.id]) }));
  const reward = measuresOf(rubric).find(({ id }) => id === 'reward');
  const value = reward?.read(verdict.scores) ?? null;
  if (!reward) return scores;
  return [...scores, { label: reward.label, value: value === null ? null : `${Math.round(value * 100)} %` }];
}

/** A signal that is asked of some prompts alone is left out where it has no score. */
function isTold(signal: Signal, score: Score | undefined): boolean {
  if (score === undefined) return isRated(signal) && signal.appliesTo === undefined;
  return score !== notSaid;
}

function valueText(signal: Signal, score: Score | undefined): string | null {
  if (score === undefined) return null;
  if (signal.type === 'choice') return signal.options.find(({ id }) => id === score)?.label ?? String(score);
  if (signal.type === 'flag') return score === true ? 'yes' : 'no';
  return signal.type === 'score' ? `${String(score)} of ${signal.max}` : String(score);
}
