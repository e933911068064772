import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type Estimate, level } from '../estimate.ts';
import type { SaidWords } from './saidWords.ts';

const resamples = 1_000;

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
export function consistencyOf(words: SaidWords, drawn = new Resamples()): Estimate {
  const { n, missing, byPrompt } = words;
  const counts = { n, clusters: byPrompt.size, missing };
  if (n < 2) return { kind: 'none', reason: 'no-answers', ...counts };
  const agreement = agreementOver(byPrompt);
  const value = agreement(new Uint16Array(byPrompt.size).fill(1));
  if (byPrompt.size < 2) return { kind: 'point', reason: 'one-prompt', value, ...counts };
  if (words.counts().length === 1) return { kind: 'point', reason: 'no-spread', value, ...counts };
  const values = Float64Array.from(drawn.of(byPrompt.size), agreement).sort();
  const tail = Math.floor((resamples * (1 - level)) / 2);
  const low = Math.min(value, values[tail] ?? value);
  const high = Math.max(value, values[resamples - 1 - tail] ?? value);
  if (low === high) return { kind: 'point', reason: 'no-spread', value, ...counts };
  return { kind: 'interval', value, low, high, level, method: 'percentile', ...counts };
}

/** The agreement when each prompt, by its name, counts so many times. In flat arrays, for it is reckoned a thousand times. */
function agreementOver(byPrompt: SaidWords['byPrompt']): (times: Uint16Array) => number {
  const prompts = [...byPrompt].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own);
  const places = new Map<string, number>();
  for (const own of prompts)
    for (const word of own.keys()) if (!places.has(word)) places.set(word, places.size);
  const said = prompts.flatMap((own, prompt) =>
    [...own].map(([word, count]) => ({ prompt, place: places.get(word) ?? 0, count })),
  );
  const [promptOf, placeOf, countOf] = [
    Int32Array.from(said, ({ prompt }) => prompt),
    Int32Array.from(said, ({ place }) => place),
    Float64Array.from(said, ({ count }) => count),
  ];
  const totals = new Float64Array(places.size);
  return (times) => {
    totals.fill(0);
    let n = 0;
    for (let index = 0; index < said.length; index += 1) {
      const count = (times[promptOf[index] ?? 0] ?? 0) * (countOf[index] ?? 0);
      const place = placeOf[index] ?? 0;
      totals[place] = (totals[place] ?? 0) + count;
      n += count;
    }
    // One answer agrees with itself.
    if (n < 2) return 1;
    let entropy = 0;
    for (const total of totals) if (total > 0) entropy -= (total / n) * Math.log(total / n);
    return Math.max(0, 1 - entropy / Math.log(n));
  };
}
