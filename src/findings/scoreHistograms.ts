import { judgeLabel } from '../core/judgeSpec.ts';
import { promptKey } from '../core/promptKey.ts';
import type { JudgedSet } from './answers.ts';
import { type Estimate, rateByCluster } from './estimate.ts';

export interface ScoreHistogram {
  readonly rubric: string;
  readonly judge: string;
  readonly signal: string;
  readonly min: number;
  readonly max: number;
  /** Scores that were given, in ascending order, with the number of answers. */
  readonly scores: readonly { readonly score: number; readonly count: number }[];
  /** The share of scores on multiples of 5 and of 10; null on scales too short for it. */
  readonly round: { readonly five: Estimate; readonly ten: Estimate } | null;
  /** The same shares of all whole numbers of the scale: what a judge without a liking for them gives. */
  readonly even: { readonly five: number; readonly ten: number };
}

/** Below it, as on a scale to 10, multiples of 5 are no sign of rounding. */
const leastSteps = 50;

/** The raw scores of one judging, a histogram for each signal that is a score in whole numbers. */
export function scoreHistograms({ judging, rubric, answers }: JudgedSet): ScoreHistogram[] {
  return rubric.signals.flatMap((signal) => {
    if (signal.type !== 'score' || !signal.integer) return [];
    const values = answers.flatMap(({ prompt, verdict }) => {
      const score = verdict?.status === 'scored' ? verdict.scores[signal.id] : undefined;
      return typeof score === 'number' ? [{ cluster: promptKey(prompt), score }] : [];
    });
    if (values.length === 0) return [];
    const counts = new Map<number, number>();
    for (const { score } of values) counts.set(score, (counts.get(score) ?? 0) + 1);
    const { min, max } = signal;
    const share = (step: number) =>
      rateByCluster(values.map(({ cluster, score }) => ({ cluster, value: score % step === 0 ? 1 : 0 })));
    const even = (step: number) =>
      (Math.floor(max / step) - Math.ceil(min / step) + 1) / (Math.floor(max) - Math.ceil(min) + 1);
    return [
      {
        ...{ rubric: rubric.title, judge: judgeLabel(judging.judge), signal: signal.label, min, max },
        scores: [...counts].map(([score, count]) => ({ score, count })).sort((a, b) => a.score - b.score),
        round: max - min < leastSteps ? null : { five: share(5), ten: share(10) },
        even: { five: even(5), ten: even(10) },
      },
    ];
  });
}
