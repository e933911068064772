import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Estimate, level } from '../estimate.ts';

const resamples = 1_000;

/** One answer's word and the prompt that it answers; null: it says none. */
export interface ClusteredWord {
  readonly cluster: string;
  readonly word: string | null;
}

/**
 * How far answers agree on one word: 1 less the normalised entropy, 1 - H / ln n over n answers that say one (Shannon
 * 1948). 1: always the same; 0: another one each time. Percentile interval of a bootstrap over prompts (Efron and
 * Tibshirani 1993, chapter 13); it is wide and biased towards agreement for few answers, since a resample repeats
 * prompts. Answers that say none are counted as missing.
 */
export function consistencyOf(words: readonly ClusteredWord[], seed = 1): Estimate {
  const clusters = new Map<string, string[]>();
  let n = 0;
  for (const { cluster, word } of words) {
    if (word === null) continue;
    n += 1;
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), word]);
  }
  const counts = { n, clusters: clusters.size, missing: words.length - n };
  if (n < 2) return { kind: 'none', reason: 'no-answers', ...counts };
  const groups = [...clusters.keys()].sort().map((cluster) => clusters.get(cluster) ?? []);
  const value = agreement(groups.flat());
  if (groups.length < 2) return { kind: 'point', reason: 'one-prompt', value, ...counts };
  const random = xoroshiro128plus(seed);
  const values = Array.from({ length: resamples }, () =>
    agreement(groups.flatMap(() => groups[uniformInt(random, 0, groups.length - 1)] ?? [])),
  ).sort((a, b) => a - b);
  const tail = Math.floor((resamples * (1 - level)) / 2);
  const low = Math.min(value, values[tail] ?? value);
  const high = Math.max(value, values[resamples - 1 - tail] ?? value);
  return { kind: 'interval', value, low, high, level, method: 'percentile', ...counts };
}

function agreement(words: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const shares = [...counts.values()].map((count) => count / words.length);
  const entropy = -shares.reduce((sum, share) => sum + share * Math.log(share), 0);
  // One answer agrees with itself.
  return words.length < 2 ? 1 : Math.max(0, 1 - entropy / Math.log(words.length));
}
