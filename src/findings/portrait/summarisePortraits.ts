import type { Run } from '../../core/run.ts';
import { type Estimate, rateByCluster } from '../estimate.ts';
import { Resamples, consistencyOf } from './consistency.ts';
import type { PortraitReading, Trait } from './portraitReading.ts';
import { type WordCount, saidByModel } from './saidWords.ts';

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
export function summarisePortraits(run: Pick<Run, 'models'>, reading: PortraitReading): PortraitSummary[] {
  const drawn = new Resamples();
  return saidByModel(run, reading).map(({ model, answers, traits }) => ({
    reader: reading.reader,
    model,
    answers,
    traits: traits.map(({ trait, words }) => ({
      trait,
      said: rateByCluster(words.said),
      consistency: consistencyOf(words, drawn),
      words: words.counts(),
    })),
  }));
}
