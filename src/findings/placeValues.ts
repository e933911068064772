import { promptKey } from '../core/promptKey.ts';
import type { Rubric } from '../core/rubric.ts';
import type { PlannedPrompt, Run } from '../core/run.ts';
import type { JudgedAnswer } from './answers.ts';
import type { ClusteredValue } from './clusters.ts';
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
  readonly values: ReadonlyMap<string, readonly ClusteredValue[]>;
}

/** What the verdicts measure, place by place in the run's order, ready to be compared between models. */
export function placeValues({ run, answers, rubric, by = ['category'] }: PlaceOptions): Place[] {
  const measures = measuresOf(rubric);
  const asked = new Map(run.prompts.map((prompt) => [prompt, measuresFor(rubric, measures, prompt)]));
  const places = new Map<string, Map<Measure, Draft>>();
  const placeOf = (prompt: PlannedPrompt, temperature: number) => {
    const key = placeKeyOf(by, prompt, temperature);
    const place = entryOf(places, Object.values(key).join('\n'), () => new Map<Measure, Draft>());
    const drafts = (asked.get(prompt) ?? []).map((measure) =>
      entryOf(place, measure, (): Draft => ({ key, measure, values: new Map() })),
    );
    return { drafts, cluster: promptKey(prompt) };
  };
  for (const prompt of run.prompts) for (const temperature of run.temperatures) placeOf(prompt, temperature);
  for (const { prompt, rollout, verdict } of answers) {
    if (verdict?.status !== 'scored') continue;
    const { drafts, cluster } = placeOf(prompt, rollout.temperature);
    for (const { measure, values } of drafts)
      entryOf(values, rollout.model, () => []).push({ cluster, value: measure.read(verdict.scores) });
  }
  // In the rubric's order, although a control is asked for other measures than an opinion.
  return [...places.values()].flatMap((drafts) => measures.flatMap((measure) => drafts.get(measure) ?? []));
}

interface Draft extends Place {
  readonly values: Map<string, ClusteredValue[]>;
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
