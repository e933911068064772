import { promptKey, promptsByKey } from '../../core/promptKey.ts';
import type { DoneRollout, Rollout } from '../../core/rollout.ts';
import type { Run } from '../../core/run.ts';
import { type Estimate, rateByCluster } from '../estimate.ts';
import { consistencyOf } from './consistency.ts';
import { extractPortrait } from './extractPortrait.ts';
import type { Portrait } from './portrait.ts';

export const traits = ['name', 'occupation', 'origin', 'religion', 'gender', 'kind'] as const;
export type Trait = (typeof traits)[number];

export interface TraitSummary {
  readonly trait: Trait;
  /** The share of answers that say it. */
  readonly said: Estimate;
  /** See {@link consistencyOf}. */
  readonly consistency: Estimate;
  /** What they say, the most frequent first. */
  readonly words: readonly { readonly word: string; readonly count: number }[];
}

export interface PortraitSummary {
  readonly model: string;
  readonly answers: number;
  readonly traits: readonly TraitSummary[];
}

/** Who the models say they are in answers to identity prompts, a summary per model in the run's order. */
export function summarisePortraits(run: Run, rollouts: Iterable<Rollout>): PortraitSummary[] {
  const prompts = promptsByKey(run);
  const answers = [...rollouts].filter(
    (rollout): rollout is DoneRollout =>
      rollout.status === 'done' && prompts.get(promptKey(rollout))?.suiteKind === 'identity',
  );
  return run.models.flatMap(({ id }) => {
    const own = answers
      .filter(({ model }) => model === id)
      .map((rollout) => ({ cluster: promptKey(rollout), portrait: extractPortrait(rollout.text) }));
    return own.length === 0
      ? []
      : [{ model: id, answers: own.length, traits: traits.map((trait) => summariseTrait(trait, own)) }];
  });
}

function summariseTrait(
  trait: Trait,
  answers: readonly { readonly cluster: string; readonly portrait: Portrait }[],
): TraitSummary {
  const said = answers.map(({ cluster, portrait }) => ({ cluster, word: wordOf(portrait, trait) }));
  const counts = new Map<string, number>();
  for (const { word } of said) if (word !== null) counts.set(word, (counts.get(word) ?? 0) + 1);
  return {
    trait,
    said: rateByCluster(said.map(({ cluster, word }) => ({ cluster, value: word === null ? 0 : 1 }))),
    consistency: consistencyOf(said),
    words: [...counts]
      .map(([word, count]) => ({ word, count }))
      .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1)),
  };
}

/** "Dr. Maria Amorosa" and "Maria" may be one person, so a first name counts. */
function wordOf(portrait: Portrait, trait: Trait): string | null {
  if (trait !== 'name') return portrait[trait];
  return portrait.name?.replace(/^(?:Dr|Mr|Mrs|Ms|Prof)\.?\s+/, '').split(' ')[0] ?? null;
}
