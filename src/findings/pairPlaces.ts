import type { Run } from '../core/run.ts';
import { PromptValues } from './clusters.ts';
import type { Estimate } from './estimate.ts';
import { differenceOf } from './estimateMeasure.ts';
import type { Measure } from './measures.ts';
import type { Place } from './placeValues.ts';
import type { RowKey } from './rowKey.ts';

/** One measure of one model at one place, against another model's on the same prompts. */
export interface Comparison {
  /** Its `model` is the one that is compared. */
  readonly key: RowKey;
  readonly base: string;
  readonly measure: Measure;
  /** The model less the base, in the measure's unit. */
  readonly difference: Estimate;
}

/** A comparison with the values that it compares. */
export interface PlacePair {
  readonly comparison: Comparison;
  readonly own: PromptValues;
  readonly others: PromptValues;
}

/** Every model against the base at every place, in the run's order. `base`: a model's id. Empty for a run of one model. */
export function pairPlaces(
  { models }: Pick<Run, 'models'>,
  places: readonly Place[],
  base = models[0]?.id ?? '',
): PlacePair[] {
  return models
    .filter(({ id }) => id !== base)
    .flatMap(({ id: model }) =>
      places.map(({ key, measure, values }) => {
        const [own, others] = [model, base].map((id) => values.get(id) ?? new PromptValues()) as [
          PromptValues,
          PromptValues,
        ];
        const difference = differenceOf(measure, own, others);
        return { comparison: { key: { model, ...key }, base, measure, difference }, own, others };
      }),
    );
}
