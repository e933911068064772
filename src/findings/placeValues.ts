import type { PromptValues } from './clusters.ts';
import { type GatherOptions, type Gathered, gatherRows } from './gatherRows.ts';
import type { Measure } from './measures.ts';
import type { PlaceKey } from './rowKey.ts';

/** `rubric`: of the verdicts in `answers`. */
export type PlaceOptions = Pick<GatherOptions, 'run' | 'answers' | 'by'> &
  Required<Pick<GatherOptions, 'rubric'>>;

/** One measure's values at one place, by model; a model without a verdict there is missing. */
export interface Place {
  readonly key: PlaceKey;
  readonly measure: Measure;
  readonly values: ReadonlyMap<string, PromptValues>;
}

/** What the verdicts measure, place by place in the run's order, ready to be compared between models. */
export function placeValues(options: PlaceOptions): Place[] {
  return placesOf(gatherRows(options));
}

/** {@link placeValues} of what was gathered. */
export function placesOf({ rows, measures }: Gathered): Place[] {
  const places = new Map<string, Map<Measure, Draft>>();
  for (const { key, measures: asked, values } of rows) {
    const { model, ...place } = key;
    const name = Object.values(place).join('\n');
    const drafts = places.get(name) ?? new Map<Measure, Draft>();
    places.set(name, drafts);
    for (const measure of asked) {
      const draft = drafts.get(measure) ?? { key: place, measure, values: new Map<string, PromptValues>() };
      drafts.set(measure, draft);
      const own = values.get(measure);
      if (own) draft.values.set(model, own);
    }
  }
  // In the rubric's order, although a control is asked for other measures than an opinion.
  return [...places.values()].flatMap((drafts) => measures.flatMap((measure) => drafts.get(measure) ?? []));
}

interface Draft extends Place {
  readonly values: Map<string, PromptValues>;
}
