import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Estimate, level } from '../estimate.ts';

const resamples = 1_000;

/** One answer's word and the prompt that it answers; null: it says none. */
export interface ClusteredWord {
  readonly cluster: string;
  readonly word: string | null;
}

/** Draws of prompts with putting back, from a seed; the same for every word that as many prompts have. */
export class Resamples {
  readonly #seed: number;
  readonly #drawn = new Map<number, readonly Uint16Array[]>();

  constructor(seed = 1) {
    this.#seed = seed;
  }

  /** For each resample, how often each of so many prompts is drawn. */
  of(prompts: number): readonly Uint16Array[] {
    const known = this.#drawn.get(prompts);
    if (known) return known;
    const random = xoroshiro128plus(this.#seed);
    const drawn = Array.from({ length: resamples }, () => {
      const times = new Uint16Array(prompts);
      for (let draw = 0; draw < prompts; draw += 1) {
        const place = uniformInt(random, 0, prompts - 1);
        times[place] = (times[place] ?? 0) + 1;
      }
      return times;
    });
    this.#drawn.set(prompts, drawn);
    return drawn;
  }
}

/**
 * How far answers agree on one word: 1 less the normalised entropy, 1 - H / ln n over n answers that say one (Shannon
 * 1948). 1: always the same; 0: another one each time. Percentile interval of a bootstrap over prompts (Efron and
 * Tibshirani 1993, chapter 13); it is wide and biased towards agreement for few answers, since a resample repeats
 * prompts. Where all resamples agree alike, as where every answer says the same word, it knows no uncertainty and there
 * is none. Answers that say none are counted as missing.
 */
export function consistencyOf(words: readonly ClusteredWord[], drawn = new Resamples()): Estimate {
  const { n, ids, clusters } = countWords(words);
  const counts = { n, clusters: clusters.size, missing: words.length - n };
  if (n < 2) return { kind: 'none', reason: 'no-answers', ...counts };
  const groups = [...clusters.keys()].sort().map((cluster) => wordCounts(clusters.get(cluster)));
  const totals = new Float64Array(ids.size);
  const value = agreement(groups, new Uint16Array(groups.length).fill(1), totals);
  if (groups.length < 2) return { kind: 'point', reason: 'one-prompt', value, ...counts };
  const values = Float64Array.from(drawn.of(groups.length), (times) =>
    agreement(groups, times, totals),
  ).sort();
  const tail = Math.floor((resamples * (1 - level)) / 2);
  const low = Math.min(value, values[tail] ?? value);
  const high = Math.max(value, values[resamples - 1 - tail] ?? value);
  if (low === high) return { kind: 'point', reason: 'no-spread', value, ...counts };
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

/** Of prompts that count so many times. `totals` is room to count in, a place a word. */
function agreement(groups: readonly WordCounts[], times: Uint16Array, totals: Float64Array): number {
  totals.fill(0);
  let n = 0;
  for (let group = 0; group < groups.length; group += 1) {
    const weight = times[group] ?? 0;
    if (weight > 0) n += addCounts(totals, groups[group] as WordCounts, weight);
  }
  // One answer agrees with itself.
  if (n < 2) return 1;
  let entropy = 0;
  for (const total of totals) if (total > 0) entropy -= (total / n) * Math.log(total / n);
  return Math.max(0, 1 - entropy / Math.log(n));
}

/** Gives how many were added. */
function addCounts(totals: Float64Array, { ids, counts }: WordCounts, weight: number): number {
  let added = 0;
  for (let place = 0; place < ids.length; place += 1) {
    const [id, count] = [ids[place] ?? 0, weight * (counts[place] ?? 0)];
    totals[id] = (totals[id] ?? 0) + count;
    added += count;
  }
  return added;
}
