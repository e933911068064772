import { judgeNames } from './judgeNames.ts';
import type { JudgedAnswer, JudgedSet } from './answers.ts';
import { ratingOf } from './signalRatings.ts';
import { type RatedSignal, isRated } from '../core/rubric.ts';

/** An answer that a judge and a person rate differently. */
export interface Disagreement {
  readonly rubric: string;
  readonly signal: RatedSignal;
  readonly judge: string;
  readonly person: string;
  readonly model: string;
  readonly prompt: string;
  readonly answer: string;
  readonly judged: number;
  readonly labelled: number;
  /** The judge's, in its words. */
  readonly reason: string;
}

/** For each signal, judge and person, the answers whose ratings are the furthest apart, at most `limit`; the worst first. */
export function worstDisagreements(sets: readonly JudgedSet[], limit: number): Disagreement[] {
  const names = judgeNames(sets);
  const named = sets.map((set, place) => ({ set, name: names[place] ?? '' }));
  const people = named.filter(({ set }) => set.judging.judge.kind === 'human');
  return people.flatMap((person) =>
    named
      .filter(({ set }) => set.judging.judge.kind !== 'human' && isSameRubric(set, person.set))
      .flatMap((judge) =>
        person.set.rubric.signals.filter(isRated).flatMap((signal) => worstOn(signal, judge, person, limit)),
      ),
  );
}

interface NamedSet {
  readonly set: JudgedSet;
  readonly name: string;
}

const isSameRubric = (a: JudgedSet, b: JudgedSet): boolean =>
  a.judging.rubric === b.judging.rubric && a.judging.rubricVersion === b.judging.rubricVersion;

function worstOn(signal: RatedSignal, judge: NamedSet, person: NamedSet, limit: number): Disagreement[] {
  const byKey = new Map(judge.set.answers.map((answer) => [answer.rollout.key, answer]));
  return person.set.answers
    .flatMap((label) => pairOf(signal, byKey.get(label.rollout.key), label))
    .filter(({ judged, labelled }) => judged !== labelled)
    .sort((a, b) => distanceOn(signal, b) - distanceOn(signal, a))
    .slice(0, limit)
    .map((pair) => ({
      ...pair,
      ...{ rubric: person.set.rubric.title, signal, judge: judge.name, person: person.name },
    }));
}

type Pair = Omit<Disagreement, 'rubric' | 'signal' | 'judge' | 'person'>;

function pairOf(signal: RatedSignal, answer: JudgedAnswer | undefined, label: JudgedAnswer): Pair[] {
  const { rollout } = label;
  const labelled = ratingOf(signal, label);
  const judged = answer ? ratingOf(signal, answer) : null;
  if (labelled === null || judged === null || rollout.status !== 'done') return [];
  const reason = answer?.verdict?.status === 'scored' ? answer.verdict.reason : '';
  return [{ model: rollout.model, prompt: rollout.prompt, answer: rollout.text, judged, labelled, reason }];
}

/** Options of a choice are all alike far apart. */
const distanceOn = ({ type }: RatedSignal, { judged, labelled }: Pair): number =>
  type === 'score' ? Math.abs(judged - labelled) : 1;
