import type { Run } from '../../core/run.ts';
import { type Dimension, type PlaceKey, placeKeyOf } from '../summarise.ts';
import type { PortraitReading, ReadAnswer, Trait } from './portraitReading.ts';
import { type WordCount, countWords, wordsOf } from './summarisePortraits.ts';

/** Who a model says it is at one place of a run. */
export interface PortraitPlace {
  readonly key: PlaceKey;
  readonly model: string;
  readonly answers: number;
  readonly traits: readonly { readonly trait: Trait; readonly words: readonly WordCount[] }[];
}

/** What one reader found place by place, and there model by model, in the run's order. */
export function portraitPlaces(
  { prompts, temperatures, models }: Run,
  { traits, answers }: PortraitReading,
  by: Dimension,
): PortraitPlace[] {
  const groups = new Map<string, { readonly key: PlaceKey; readonly own: ReadAnswer[] }>();
  const groupAt = (key: PlaceKey) => {
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, own: [] };
    groups.set(name, group);
    return group;
  };
  for (const prompt of prompts)
    for (const temperature of temperatures) groupAt(placeKeyOf([by], prompt, temperature));
  for (const answer of answers)
    groupAt(placeKeyOf([by], answer.prompt, answer.rollout.temperature)).own.push(answer);
  return [...groups.values()].flatMap(({ key, own }) =>
    models.flatMap(({ id: model }) => {
      const said = own.filter(({ rollout }) => rollout.model === model);
      if (said.length === 0) return [];
      const words = traits.map((trait) => ({ trait, words: countWords(wordsOf(trait, said)) }));
      return [{ key, model, answers: said.length, traits: words }];
    }),
  );
}
