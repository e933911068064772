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
  const { n, ids, clusters } = countWords(words);
  const counts = { n, clusters: clusters.size, missing: words.length - n };
  if (n < 2) return { kind: 'none', reason: 'no-answers', ...counts };
  const groups = [...clusters.keys()].sort().map((cluster) => wordCounts(clusters.get(cluster)));
  const totals = new Float64Array(ids.size);
  const value = agreement(groups, totals);
  if (groups.length < 2) return { kind: 'point', reason: 'one-prompt', value, ...counts };
  const random = xoroshiro128plus(seed);
  const values = Float64Array.from({ length: resamples }, () =>
    agreement(
      groups.map((own) => groups[uniformInt(random, 0, groups.length - 1)] ?? own),
      totals,
    ),
  ).sort();
  const tail = Math.floor((resamples * (1 - level)) / 2);
  const low = Math.min(value, values[tail] ?? value);
  const high = Math.max(value, values[resamples - 1 - tail] ?? value);
  return { kind: 'interval', value, low, high, level, method: 'percentile', ...counts };
}

/** How often each word is said for each prompt; words by their place in `ids`. */
function countWords(words: readonly ClusteredWord[]) {
  const ids = new Map<string, number>();
  const clusters = new Map<string, Map<number, number>>();
  let n = 0;
  for (const { cluster, word } of words) {
    if (word === null) continue;
    n += 1;
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    const own = clusters.get(cluster) ?? new Map<number, number>();
    own.set(id, (own.get(id) ?? 0) + 1);
    clusters.set(cluster, own);
  }
  return { n, ids, clusters };
}

/** What one prompt's answers say: words by their number, and how often each. */
interface WordCounts {
  readonly ids: Int32Array;
  readonly counts: Float64Array;
}

function wordCounts(own: ReadonlyMap<number, number> = new Map()): WordCounts {
  return { ids: Int32Array.from(own.keys()), counts: Float64Array.from(own.values()) };
}

/** `totals` is room to count in, a place a word. */
function agreement(groups: readonly WordCounts[], totals: Float64Array): number {
  totals.fill(0);
  let n = 0;
  for (const { ids, counts } of groups) {
    for (let place = 0; place < ids.length; place += 1) {
      const [id, count] = [ids[place] ?? 0, counts[place] ?? 0];
      totals[id] = (totals[id] ?? 0) + count;
      n += count;
    }
  }
  // One answer agrees with itself.
  if (n < 2) return 1;
  let entropy = 0;
  for (const total of totals) if (total > 0) entropy -= (total / n) * Math.log(total / n);
  return Math.max(0, 1 - entropy / Math.log(n));
}
