import type { Run } from '../../core/run.ts';
import { PromptValues } from '../clusters.ts';
import type { PortraitReading, ReadAnswer, Trait } from './portraitReading.ts';
import { countedWord } from './traitWords.ts';

export interface WordCount {
  readonly word: string;
  readonly count: number;
}

/** What answers say of one trait, whatever the case of their words; gathered as {@link PromptValues} are. */
export class SaidWords {
  /** 1 where an answer says it, 0 where it does not. */
  readonly said = new PromptValues();
  /** For each prompt, how often each word is said, in small letters. */
  readonly byPrompt = new Map<string, Map<string, number>>();
  /** Answers that say a word. */
  n = 0;
  /** Answers that say none. */
  missing = 0;
  readonly #counts = new Map<string, { readonly word: string; count: number }>();

  add(cluster: string, word: string | null): void {
    this.said.add(cluster, word === null ? 0 : 1);
    if (word === null) {
      this.missing += 1;
      return;
    }
    this.n += 1;
    const folded = word.toLowerCase();
    const own = this.byPrompt.get(cluster) ?? new Map<string, number>();
    this.byPrompt.set(cluster, own.set(folded, (own.get(folded) ?? 0) + 1));
    const known = this.#counts.get(folded);
    if (known) known.count += 1;
    else this.#counts.set(folded, { word, count: 1 });
  }

  /** In the spelling that came first; the most frequent first. */
  counts(): WordCount[] {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
  }
}

export interface SaidByModel {
  readonly model: string;
  readonly answers: number;
  readonly traits: readonly { readonly trait: Trait; readonly words: SaidWords }[];
}

/** Each model's words, in the run's order; models without an answer are left out. */
export function saidByModel(
  { models }: Pick<Run, 'models'>,
  { traits, answers }: Pick<PortraitReading, 'traits' | 'answers'>,
): SaidByModel[] {
  const byModel = new Map<string, { answers: number; readonly traits: SaidByModel['traits'] }>();
  for (const { rollout, cluster, words } of answers) {
    let own = byModel.get(rollout.model);
    if (!own)
      byModel.set(
        rollout.model,
        (own = { answers: 0, traits: traits.map((trait) => ({ trait, words: new SaidWords() })) }),
      );
    own.answers += 1;
    for (const one of own.traits) addWord(one.words, one.trait, cluster, words);
  }
  return models.flatMap(({ id: model }) => {
    const own = byModel.get(model);
    return own ? [{ model, ...own }] : [];
  });
}

/** Nothing of answers that were not asked for it. */
function addWord(said: SaidWords, { id }: Trait, cluster: string, words: ReadAnswer['words']): void {
  const word = words[id];
  if (word !== undefined) said.add(cluster, word === null ? null : countedWord(id, word));
}
