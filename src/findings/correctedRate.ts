import { type ClusteredSample, type ClusteredValue, meanOf, totalsByCluster } from './clusters.ts';
import { type Estimate, effectiveAnswers, level, normalCritical } from './estimate.ts';

/** An answer that the judge and a reference (people, a better judge) both flagged; 0 or 1. */
export interface CheckedAnswer {
  readonly cluster: string;
  readonly judged: number;
  readonly truth: number;
}

/**
 * The share that the reference would find, from 0 to 1, given what the judge finds and how often it is right where
 * the reference looked (Rogan and Gladen 1978). The interval is Lang and Reiczigel's (2014, Preventive Veterinary
 * Medicine 113) with effective numbers of answers in place of numbers. No value where the judge is no better than chance.
 */
export function correctedRate(judged: Iterable<ClusteredValue>, checked: readonly CheckedAnswer[]): Estimate {
  const all = totalsByCluster(judged);
  const [hits, rejections] = [1, 0].map((truth) =>
    totalsByCluster(
      checked
        .filter((answer) => answer.truth === truth)
        .map((answer) => ({ cluster: answer.cluster, value: answer.judged === truth ? 1 : 0 })),
    ),
  ) as [ClusteredSample, ClusteredSample];
  const counts = { n: all.n, clusters: all.clusters.length, missing: all.missing };
  if (all.n === 0 || hits.n === 0 || rejections.n === 0)
    return { kind: 'none', reason: 'no-answers', ...counts };
  const [rate, sensitivity, specificity] = [all, hits, rejections].map(({ clusters }) =>
    meanOf(clusters),
  ) as [number, number, number];
  if (sensitivity + specificity <= 1) return { kind: 'none', reason: 'no-variation', ...counts };
  const value = within01((rate + specificity - 1) / (sensitivity + specificity - 1));
  if ([all, hits, rejections].some(({ clusters }) => clusters.length < 2))
    return { kind: 'point', value, reason: 'one-prompt', ...counts };
  const { low, high } = limits(
    proportion(all, rate, normalCritical ** 2),
    proportion(hits, sensitivity, 2),
    proportion(rejections, specificity, 2),
  );
  const ends = { low: Math.min(value, within01(low)), high: Math.max(value, within01(high)) };
  return { kind: 'interval', value, level, method: 'corrected', ...counts, ...ends };
}

interface Proportion {
  readonly share: number;
  readonly variance: number;
}

/** Drawn towards a half by `added` answers, half of them flagged. */
function proportion(sample: ClusteredSample, rate: number, added: number): Proportion {
  const n = effectiveAnswers(sample, rate);
  const share = (n * rate + added / 2) / (n + added);
  return { share, variance: (share * (1 - share)) / (n + added) };
}

function limits(rate: Proportion, sensitivity: Proportion, specificity: Proportion) {
  const youden = sensitivity.share + specificity.share - 1;
  const value = (rate.share + specificity.share - 1) / youden;
  const [hit, reject] = [value * sensitivity.variance, (1 - value) * specificity.variance];
  const error = Math.sqrt(rate.variance + value * hit + (1 - value) * reject) / Math.abs(youden);
  const middle = value + 2 * normalCritical ** 2 * (hit - reject);
  return { low: middle - normalCritical * error, high: middle + normalCritical * error };
}

const within01 = (share: number): number => Math.min(1, Math.max(0, share));
