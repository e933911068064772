import type { Run } from '../../core/run.ts';
import { type Estimate, rateByCluster } from '../estimate.ts';
import { type ClusteredWord, Resamples, consistencyOf } from './consistency.ts';
import type { PortraitReading, ReadAnswer, Trait } from './portraitReading.ts';
import { countedWord } from './traitWords.ts';

export interface WordCount {
  readonly word: string;
  readonly count: number;
}

export interface TraitSummary {
  readonly trait: Trait;
  /** The share of answers that say it. */
  readonly said: Estimate;
  /** See {@link consistencyOf}. */
  readonly consistency: Estimate;
  /** What they say, the most frequent first. */
  readonly words: readonly WordCount[];
}

export interface PortraitSummary {
  /** Who read the answers. */
  readonly reader: string;
  readonly model: string;
  readonly answers: number;
  readonly traits: readonly TraitSummary[];
}

/** Who the models say they are, as one reader has it, a summary per model in the run's order. */
export function summarisePortraits(
  { models }: Pick<Run, 'models'>,
  { reader, traits, answers }: PortraitReading,
): PortraitSummary[] {
  const drawn = new Resamples();
  return models.flatMap(({ id: model }) => {
    const own = answers.filter(({ rollout }) => rollout.model === model);
    if (own.length === 0) return [];
    return [
      {
        reader,
        model,
        answers: own.length,
        traits: traits.map((trait) => summariseTrait(trait, own, drawn)),
      },
    ];
  });
}

function summariseTrait(trait: Trait, answers: readonly ReadAnswer[], drawn: Resamples): TraitSummary {
  const said = wordsOf(trait, answers);
  return {
    trait,
    said: rateByCluster(said.map(({ cluster, word }) => ({ cluster, value: word === null ? 0 : 1 }))),
    consistency: consistencyOf(
      said.map(({ cluster, word }) => ({ cluster, word: word && word.toLowerCase() })),
      drawn,
    ),
    words: countWords(said),
  };
}

/** Of the answers that were asked for it. */
export function wordsOf({ id }: Trait, answers: readonly ReadAnswer[]): ClusteredWord[] {
  return answers.flatMap(({ cluster, words }) => {
    const word = words[id];
    if (word === undefined) return [];
    return [{ cluster, word: word === null ? null : countedWord(id, word) }];
  });
}

/** Whatever their case, in the spelling that comes first; the most frequent first. */
export function countWords(said: readonly ClusteredWord[]): WordCount[] {
  const counts = new Map<string, { word: string; count: number }>();
  for (const { word } of said) {
    if (word === null) continue;
    const entry = counts.get(word.toLowerCase()) ?? { word, count: 0 };
    entry.count += 1;
    counts.set(word.toLowerCase(), entry);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
}
