import { judgeLabel } from '../core/judgeSpec.ts';
import { type ScoreSignal, type Signal, isRated } from '../core/rubric.ts';
import type { Run } from '../core/run.ts';
import { type JudgedAnswer, type JudgedSet, answersInAll } from './answers.ts';
import { type CheckedAnswer, correctedRate } from './correctedRate.ts';
import { type Estimate, rateByCluster } from './estimate.ts';
import { judgeNames } from './judgeNames.ts';
import { type Measure, measuresFor, measuresOf, readIn } from './measures.ts';
import {
  type AlphaMetric,
  type ConfusionCell,
  type KappaWeights,
  type RatedAnswer,
  confusionOf,
  krippendorffAlphas,
  ratingSpread,
  weightedKappas,
} from './ratingAgreement.ts';
import { isNominal, isOnScale, ratingOf, ratingText } from './signalRatings.ts';

/** How far the judges of one rubric agree on one signal. */
export interface JudgeAgreement {
  readonly rubric: string;
  readonly signal: string;
  readonly judges: readonly string[];
  readonly alphas: readonly { readonly metric: AlphaMetric; readonly estimate: Estimate }[];
  readonly pairs: readonly JudgePair[];
  /** Within an answer, in the score's unit; of one judge where all are the same model. Null for a choice and a text. */
  readonly spread: Estimate | null;
  /** Whether the judges are one model, asked again. */
  readonly repeats: boolean;
}

export interface JudgePair {
  readonly a: string;
  readonly b: string;
  readonly kappas: readonly { readonly weights: KappaWeights; readonly estimate: Estimate }[];
  /** What `a` and `b` said, with its count: for flags and choices, and for scores where one of them is a person. */
  readonly confusion: readonly { readonly a: string; readonly b: string; readonly count: number }[];
}

/** For each rubric that two or more judges scored by, a row a signal. */
export function compareJudges(sets: readonly JudgedSet[]): JudgeAgreement[] {
  return groupsOf(sets).flatMap((group) => {
    const [first] = group;
    const answers = [...answersInAll(group)];
    return first ? first.rubric.signals.map((signal) => agreementOn(signal, group, answers)) : [];
  });
}

function groupsOf(sets: readonly JudgedSet[]): JudgedSet[][] {
  const groups = new Map<string, JudgedSet[]>();
  for (const set of sets) {
    const name = `${set.judging.rubric}\n${set.judging.rubricVersion}`;
    groups.set(name, [...(groups.get(name) ?? []), set]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function agreementOn(
  signal: Signal,
  group: readonly JudgedSet[],
  all: readonly (readonly (JudgedAnswer | undefined)[])[],
): JudgeAgreement {
  const judges = judgeNames(group);
  const answers = all.map((own) => ({
    cluster: own[0]?.cluster ?? '',
    ratings: own.map((answer) => (answer ? ratingOf(signal, answer) : null)),
  }));
  const metrics: readonly AlphaMetric[] = isOnScale(signal)
    ? ['interval', 'ordinal', 'nominal']
    : ['nominal'];
  return {
    rubric: group[0]?.rubric.title ?? '',
    signal: signal.label,
    judges,
    alphas: krippendorffAlphas(answers, metrics),
    pairs: judges.flatMap((a, i) =>
      judges.slice(i + 1).map((b, j) => {
        const withPerson = [i, i + 1 + j].some((place) => group[place]?.judging.judge.kind === 'human');
        return pairOf(signal, { a, b }, columnsOf(answers, i, i + 1 + j), withPerson);
      }),
    ),
    spread: isNominal(signal) ? null : ratingSpread(answers),
    repeats: new Set(group.map(({ judging }) => judgeLabel(judging.judge))).size === 1,
  };
}

function pairOf(
  signal: Signal,
  names: { a: string; b: string },
  answers: readonly RatedAnswer[],
  withPerson: boolean,
): JudgePair {
  const weights: readonly KappaWeights[] = isOnScale(signal) ? ['quadratic', 'linear'] : ['none'];
  return {
    ...names,
    kappas: weightedKappas(answers, weights),
    confusion: confusionOn(signal, answers, withPerson),
  };
}

/** Of texts and numbers there are too many. */
function confusionOn(
  signal: Signal,
  answers: readonly RatedAnswer[],
  withPerson: boolean,
): JudgePair['confusion'] {
  if (!isRated(signal) || (signal.type === 'score' && !withPerson)) return [];
  const cells: readonly ConfusionCell[] = confusionOf(
    signal.type === 'score' ? atAnchors(signal, answers) : answers,
  );
  const say = (value: number) => ratingText(signal, value);
  return cells.map(({ a, b, count }) => ({ a: say(a), b: say(b), count }));
}

/** With each score at the nearest of the described points, since a person gives no others. */
function atAnchors({ anchors }: ScoreSignal, answers: readonly RatedAnswer[]): RatedAnswer[] {
  const points = anchors.map(({ at }) => at);
  const nearest = (rating: number): number =>
    points.reduce((best, at) => (Math.abs(at - rating) < Math.abs(best - rating) ? at : best));
  return answers.map(({ cluster, ratings }) => ({
    cluster,
    ratings: ratings.map((rating) => (rating === null ? null : nearest(rating))),
  }));
}

const columnsOf = (answers: readonly RatedAnswer[], a: number, b: number): RatedAnswer[] =>
  answers.map(({ cluster, ratings }) => ({ cluster, ratings: [ratings[a] ?? null, ratings[b] ?? null] }));

/** A rate as a judge finds it, and as the reference would. */
export interface CorrectedRate {
  readonly model: string;
  readonly rubric: string;
  readonly judge: string;
  readonly measure: Measure;
  /** How many of the answers the reference rated too. */
  readonly checked: number;
  readonly raw: Estimate;
  readonly corrected: Estimate;
}

/** The rates of every judge that shares a rubric with the reference, by model; empty without a reference. */
export function correctedRates(
  run: Run,
  sets: readonly JudgedSet[],
  reference: string | undefined,
): CorrectedRate[] {
  return groupsOf(sets).flatMap((group) => {
    const names = judgeNames(group);
    const right = group[names.indexOf(reference ?? '')];
    if (!right) return [];
    return group.flatMap((set, place) =>
      set === right ? [] : correctedBy(run, set, right).map((row) => ({ ...row, judge: names[place] ?? '' })),
    );
  });
}

function correctedBy(run: Run, set: JudgedSet, right: JudgedSet): Omit<CorrectedRate, 'judge'>[] {
  const { rubric } = set;
  const truths = new Map(right.answers.map((answer) => [answer.rollout.key, answer]));
  const rates = measuresOf(rubric).filter(({ type }) => type === 'rate');
  return run.models.flatMap(({ id: model }) =>
    rates.map((measure) => {
      const own = set.answers.filter(
        ({ rollout, prompt }) => rollout.model === model && measuresFor(rubric, [measure], prompt).length > 0,
      );
      const judged = own.map((answer) => ({
        cluster: answer.cluster,
        value: readIn(measure, answer),
      }));
      const checked = own.flatMap((answer): CheckedAnswer[] => {
        const truth = readIn(measure, truths.get(answer.rollout.key));
        const value = readIn(measure, answer);
        const { cluster } = answer;
        return truth === null || value === null ? [] : [{ cluster, judged: value, truth }];
      });
      const estimates = { raw: rateByCluster(judged), corrected: correctedRate(judged, checked) };
      return { model, rubric: rubric.title, measure, checked: checked.length, ...estimates };
    }),
  );
}
