import { rewardKind, rewardReader } from '../core/reward.ts';
import { type Rubric, type Signal, rubricFits, signalsFor } from '../core/rubric.ts';
import type { PlannedPrompt } from '../core/run.ts';
import type { ScoredVerdict } from '../core/verdict.ts';
import type { JudgedAnswer } from './answers.ts';

type Scores = ScoredVerdict['scores'];

interface Common {
  /** The signal's id, with "/" and the option's id for a choice; "reward" for the reward. */
  readonly id: string;
  readonly label: string;
  /** The signal that it is read from; null for the reward, which is computed from several. */
  readonly signal: string | null;
  /** The number in a verdict; null when it is missing there. A rate's is 0 or 1. */
  readonly read: (scores: Scores) => number | null;
}

/** One number that can be read off every verdict of a rubric. */
export type Measure =
  | (Common & { readonly type: 'mean'; readonly range: { readonly min: number; readonly max: number } })
  | (Common & { readonly type: 'rate' });

/**
 * All measures of a rubric: its scores, numbers, flags, each option of its choices, and its reward if it has one. Texts
 * are no numbers: portraits tell of them.
 */
export function measuresOf(rubric: Rubric): Measure[] {
  return [...rubric.signals.flatMap(measuresOfSignal), ...rewardMeasures(rubric)];
}

/** A measure of an answer; null where the answer has no verdict that could be read, or the verdict has not the measure. */
export function readIn(measure: Measure, answer: Pick<JudgedAnswer, 'verdict'> | undefined): number | null {
  return answer?.verdict?.status === 'scored' ? measure.read(answer.verdict.scores) : null;
}

/** Those of the measures that a judge is asked for at this prompt. */
export function measuresFor(rubric: Rubric, measures: readonly Measure[], prompt: PlannedPrompt): Measure[] {
  if (!rubricFits(rubric, prompt)) return [];
  const asked = new Set(signalsFor(rubric, prompt).map(({ id }) => id));
  return measures.filter(({ signal }) => signal === null || asked.has(signal));
}

function measuresOfSignal(signal: Signal): Measure[] {
  const { id, label } = signal;
  if (signal.type === 'text') return [];
  if (signal.type === 'score' || signal.type === 'number') {
    const range = { min: signal.min, max: signal.max };
    return [{ type: 'mean', id, label, signal: id, range, read: (scores) => numberOrNull(scores[id]) }];
  }
  if (signal.type === 'flag') {
    return [{ type: 'rate', id, label, signal: id, read: (scores) => isTrue(scores[id], true) }];
  }
  return signal.options.map((option) => ({
    type: 'rate',
    id: `${id}/${option.id}`,
    label: option.label,
    signal: id,
    read: (scores) => isTrue(scores[id], option.id),
  }));
}

function rewardMeasures(rubric: Rubric): Measure[] {
  const kind = rewardKind(rubric);
  if (kind === null) return [];
  const rewardIn = rewardReader(rubric);
  const read = (scores: Scores) => rewardIn(scores) ?? null;
  const common = { id: 'reward', signal: null, read };
  return kind === 'constraint'
    ? [{ ...common, type: 'rate', label: 'Constraint reward' }]
    : [{ ...common, type: 'mean', label: 'Composite reward', range: { min: 0, max: 1 } }];
}

function numberOrNull(score: Scores[string] | undefined): number | null {
  return typeof score === 'number' ? score : null;
}

function isTrue(score: Scores[string] | undefined, wanted: boolean | string): number | null {
  if (typeof score !== typeof wanted) return null;
  return score === wanted ? 1 : 0;
}
