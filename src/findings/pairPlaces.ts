import { PromptValues } from './clusters.ts';
import type { Estimate } from './estimate.ts';
import { differenceOf } from './estimateMeasure.ts';
import type { Measure } from './measures.ts';
import { type PlaceOptions, placeValues } from './placeValues.ts';
import type { RowKey } from './summarise.ts';

export interface CompareOptions extends PlaceOptions {
  /** A model's id; absent: the first of the run. */
  readonly base?: string | undefined;
}

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

/** Every model against the base at every place, in the run's order. Empty for a run of one model. */
export function pairPlaces(options: CompareOptions): PlacePair[] {
  const { run, base = run.models[0]?.id ?? '' } = options;
  const places = placeValues(options);
  return run.models
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
