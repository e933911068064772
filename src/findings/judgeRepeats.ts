import { judgeLabel } from '../core/judgeSpec.ts';
import type { Signal } from '../core/rubric.ts';
import type { JudgedAnswer, JudgedSet } from './answers.ts';
import { type Estimate, rateByCluster } from './estimate.ts';
import { type RatedAnswer, ratingSpread } from './ratingAgreement.ts';
import { isNominal, ratingOf } from './signalRatings.ts';

/** How far one judge agrees with itself on one signal. */
export interface JudgeRepeat {
  readonly rubric: string;
  readonly judge: string;
  readonly signal: string;
  /** Scorings of the same answers, the first included. */
  readonly scorings: number;
  /** Within an answer, in the score's unit; null for a choice and a text. */
  readonly spread: Estimate | null;
  /** The share of answers whose verdicts do not all say the same; of a score: on the same half of its scale. */
  readonly flips: Estimate;
}

/** For each judging that was repeated, a row a signal, over the answers with at least two verdicts. */
export function judgeRepeats(sets: readonly JudgedSet[]): JudgeRepeat[] {
  return groupsOf(sets).flatMap((group) => {
    const [first] = group;
    return first ? first.rubric.signals.map((signal) => repeatOn(signal, first, group)) : [];
  });
}

/** The first of each judging with its repeats. */
function groupsOf(sets: readonly JudgedSet[]): JudgedSet[][] {
  const groups = new Map<string, JudgedSet[]>();
  for (const set of sets) {
    const { repeat, ...first } = set.judging;
    const name = JSON.stringify(first);
    groups.set(name, [...(groups.get(name) ?? []), set]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function repeatOn(signal: Signal, first: JudgedSet, group: readonly JudgedSet[]): JudgeRepeat {
  const answers = ratedAgain(signal, group);
  const flips = answers.map(({ cluster, ratings }) => {
    const sides = new Set(ratings.flatMap((rating) => (rating === null ? [] : [sideOf(signal, rating)])));
    return { cluster, value: sides.size > 1 ? 1 : 0 };
  });
  return {
    rubric: first.rubric.title,
    judge: judgeLabel(first.judging.judge),
    signal: signal.label,
    scorings: group.length,
    spread: isNominal(signal) ? null : ratingSpread(answers),
    flips: rateByCluster(flips),
  };
}

function ratedAgain(signal: Signal, group: readonly JudgedSet[]): RatedAnswer[] {
  const byAnswer = new Map<string, { readonly answer: JudgedAnswer; readonly ratings: number[] }>();
  for (const answer of group.flatMap((set) => set.answers)) {
    const rating = ratingOf(signal, answer);
    const entry = byAnswer.get(answer.rollout.key) ?? { answer, ratings: [] };
    if (rating !== null) entry.ratings.push(rating);
    byAnswer.set(answer.rollout.key, entry);
  }
  return [...byAnswer.values()]
    .filter(({ ratings }) => ratings.length > 1)
    .map(({ answer, ratings }) => ({ cluster: answer.cluster, ratings }));
}

function sideOf(signal: Signal, rating: number): number {
  if (signal.type !== 'score') return rating;
  return rating >= (signal.min + signal.max) / 2 ? 1 : 0;
}
