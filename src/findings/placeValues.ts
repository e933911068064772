import type { Rubric } from '../core/rubric.ts';
import type { PlannedPrompt, Run } from '../core/run.ts';
import { type JudgedAnswer, cellsOf, isScored } from './answers.ts';
import { PromptValues } from './clusters.ts';
import { type Measure, measuresFor, measuresOf } from './measures.ts';
import { type Dimension, type PlaceKey, placeKeyOf } from './summarise.ts';

export interface PlaceOptions {
  readonly run: Run;
  readonly answers: readonly JudgedAnswer[];
  /** The rubric of the verdicts in `answers`. */
  readonly rubric: Rubric;
  /** Places are suites, split by what stands here. */
  readonly by?: readonly Dimension[];
}

/** One measure's values at one place, by model; a model without a verdict there is missing. */
export interface Place {
  readonly key: PlaceKey;
  readonly measure: Measure;
  readonly values: ReadonlyMap<string, PromptValues>;
}

/** What the verdicts measure, place by place in the run's order, ready to be compared between models. */
export function placeValues({ run, answers, rubric, by = ['category'] }: PlaceOptions): Place[] {
  const measures = measuresOf(rubric);
  const asked = new Map(run.prompts.map((prompt) => [prompt, measuresFor(rubric, measures, prompt)]));
  const places = new Map<string, Map<Measure, Draft>>();
  const draftsAt = (prompt: PlannedPrompt, temperature: number): readonly Draft[] => {
    const key = placeKeyOf(by, prompt, temperature);
    const place = entryOf(places, Object.values(key).join('\n'), () => new Map<Measure, Draft>());
    return (asked.get(prompt) ?? []).map((measure) =>
      entryOf(place, measure, (): Draft => ({ key, measure, values: new Map() })),
    );
  };
  for (const prompt of run.prompts) for (const temperature of run.temperatures) draftsAt(prompt, temperature);
  for (const { prompt, model, temperature, answers: own } of cellsOf(answers.filter(isScored))) {
    for (const { measure, values } of draftsAt(prompt, temperature)) {
      const gathered = entryOf(values, model, () => new PromptValues());
      for (const { cluster, verdict } of own) gathered.add(cluster, measure.read(verdict.scores));
    }
  }
  // In the rubric's order, although a control is asked for other measures than an opinion.
  return [...places.values()].flatMap((drafts) => measures.flatMap((measure) => drafts.get(measure) ?? []));
}

interface Draft extends Place {
  readonly values: Map<string, PromptValues>;
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
