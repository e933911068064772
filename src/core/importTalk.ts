import { addBetter } from './importRun.ts';
import type { Store } from './ports/store.ts';
import type { Talk } from './talk.ts';
import type { TalkFile } from './talkFile.ts';

export interface TalkImport {
  /** As it is stored now. */
  readonly talk: Talk;
  /** `kept`: another state of the talk is stored that is not older, and stayed. */
  readonly fate: 'added' | 'updated' | 'kept';
  /** Recordings that were stored; the others were there already. */
  readonly recordings: number;
}

/** Merges a talk into the store. What is stored is only replaced by what is later or better. Errors: {@link StoreError}. */
export async function importTalk(store: Store, { talk, rollouts }: TalkFile): Promise<TalkImport> {
  const [stored] = await store.get('talks', [talk.id]);
  const isLater = !stored || stored.updatedAt < talk.updatedAt;
  // The talk first: a store that cannot take it must say so before anything else is written.
  if (isLater) await store.put('talks', [[talk.id, talk]]);
  const recordings = await addBetter(store, 'rollouts', rollouts);
  const fate = !stored ? 'added' : isLater ? 'updated' : 'kept';
  return { talk: isLater ? talk : stored, fate, recordings };
}
