import type { PlannedPrompt, Run } from '../../core/run.ts';
import { type Dimension, type PlaceKey, placeKeyOf } from '../rowKey.ts';
import type { PortraitReading, ReadAnswer, Trait } from './portraitReading.ts';
import { type WordCount, saidByModel } from './saidWords.ts';

/** Who a model says it is in some of its answers. */
export interface PortraitPart {
  readonly model: string;
  readonly answers: number;
  readonly traits: readonly { readonly trait: Trait; readonly words: readonly WordCount[] }[];
}

/** Who a model says it is at one place of a run. */
export interface PortraitPlace extends PortraitPart {
  readonly key: PlaceKey;
}

/** Who a model says it is when it is asked one prompt. */
export interface PortraitPrompt extends PortraitPart {
  readonly suite: string;
  readonly promptId: string;
  readonly prompt: string;
}

interface Place {
  readonly key: PlaceKey;
  readonly answers: ReadAnswer[];
}

/** What one reader found place by place, and there model by model, in the run's order. */
export function portraitPlaces(
  run: Run,
  { traits, answers }: PortraitReading,
  by: Dimension,
): PortraitPlace[] {
  const places = placesOf(run, by);
  for (const answer of answers)
    places.of.get(answer.prompt)?.get(answer.rollout.temperature)?.answers.push(answer);
  return places.all.flatMap(({ key, answers: own }) =>
    partsOf(run, { traits, answers: own }).map((part) => ({ key, ...part })),
  );
}

/** The same prompt by prompt. */
export function portraitPrompts(run: Run, { traits, answers }: PortraitReading): PortraitPrompt[] {
  const byPrompt = new Map<PlannedPrompt, ReadAnswer[]>(run.prompts.map((prompt) => [prompt, []]));
  for (const answer of answers) byPrompt.get(answer.prompt)?.push(answer);
  return [...byPrompt].flatMap(([{ suite, promptId, text: prompt }, own]) =>
    partsOf(run, { traits, answers: own }).map((part) => ({ suite, promptId, prompt, ...part })),
  );
}

/** A part for each model that has an answer. */
function partsOf(run: Run, reading: Pick<PortraitReading, 'traits' | 'answers'>): PortraitPart[] {
  return saidByModel(run, reading).map(({ model, answers, traits }) => ({
    ...{ model, answers },
    traits: traits.map(({ trait, words }) => ({ trait, words: words.counts() })),
  }));
}

/** The places of a run, in its order, and where each prompt's answers at each temperature belong. */
function placesOf({ prompts, temperatures }: Run, by: Dimension) {
  const named = new Map<string, Place>();
  const of = new Map<PlannedPrompt, Map<number, Place>>();
  for (const prompt of prompts) {
    const own = new Map<number, Place>();
    for (const temperature of temperatures) {
      const key = placeKeyOf([by], prompt, temperature);
      const name = JSON.stringify(key);
      const place = named.get(name) ?? { key, answers: [] };
      named.set(name, place);
      own.set(temperature, place);
    }
    of.set(prompt, own);
  }
  return { all: [...named.values()], of };
}
