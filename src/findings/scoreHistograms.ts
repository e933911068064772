import { judgeLabel } from '../core/judgeSpec.ts';
import type { JudgedAnswer, JudgedSet } from './answers.ts';
import { PromptValues } from './clusters.ts';
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
    const { counts, fives, tens } = countScores(signal.id, answers);
    if (counts.size === 0) return [];
    const { min, max } = signal;
    const even = (step: number) =>
      (Math.floor(max / step) - Math.ceil(min / step) + 1) / (Math.floor(max) - Math.ceil(min) + 1);
    return [
      {
        ...{ rubric: rubric.title, judge: judgeLabel(judging.judge), signal: signal.label, min, max },
        scores: [...counts].map(([score, count]) => ({ score, count })).sort((a, b) => a.score - b.score),
        round: max - min < leastSteps ? null : { five: rateByCluster(fives), ten: rateByCluster(tens) },
        even: { five: even(5), ten: even(10) },
      },
    ];
  });
}

/** How often each score is given, and by prompt whether scores are multiples of 5 and of 10. */
function countScores(signal: string, answers: readonly JudgedAnswer[]) {
  const counts = new Map<number, number>();
  const [fives, tens] = [new PromptValues(), new PromptValues()];
  for (const { cluster, verdict } of answers) {
    const score = verdict?.status === 'scored' ? verdict.scores[signal] : undefined;
    if (typeof score !== 'number') continue;
    counts.set(score, (counts.get(score) ?? 0) + 1);
    fives.add(cluster, score % 5 === 0 ? 1 : 0);
    tens.add(cluster, score % 10 === 0 ? 1 : 0);
  }
  return { counts, fives, tens };
}
