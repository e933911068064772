import type { Belief } from '../belief.ts';
import type { Chat } from '../chat.ts';
import type { ModelCard } from '../model.ts';
import type { Rollout } from '../rollout.ts';
import type { Rubric } from '../rubric.ts';
import type { Run } from '../run.ts';
import type { Suite } from '../suite.ts';
import type { Talk } from '../talk.ts';
import type { Verdict } from '../verdict.ts';

/** What is stored, by collection. Keys: the record's own `key` or `id`; free names for settings. */
export interface Collections {
  readonly runs: Run;
  readonly rollouts: Rollout;
  readonly verdicts: Verdict;
  readonly beliefs: Belief;
  readonly suites: Suite;
  /** By id and version: verdicts of every version are read by it. */
  readonly rubrics: Rubric;
  readonly models: ModelCard;
  readonly chats: Chat;
  readonly talks: Talk;
  readonly settings: unknown;
}
export type Collection = keyof Collections;

export interface StoreUsage {
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
  /** Whether the browser has promised not to evict; null where that has no meaning. */
  readonly persisted: boolean | null;
}

/** Durable records. All methods throw {@link StoreError} with a sentence when storage is full, blocked or broken. */
export interface Store {
  /** The records in the order of the keys; undefined where there is none. */
  get<C extends Collection>(collection: C, keys: readonly string[]): Promise<(Collections[C] | undefined)[]>;
  /** Writes all or none of the records; durable when it resolves. An older record of the same key is replaced. */
  put<C extends Collection>(
    collection: C,
    records: readonly (readonly [string, Collections[C]])[],
  ): Promise<void>;
  delete(collection: Collection, keys: readonly string[]): Promise<void>;
  keys(collection: Collection): Promise<string[]>;
  count(collection: Collection): Promise<number>;
  /** Every record, as {@link Store.keys} has them: quicker than asking for each by its key. */
  all<C extends Collection>(collection: C): Promise<Collections[C][]>;
  /**
   * Takes a lock that other tabs and processes see, held until the returned function is called or its owner
   * ends. Null when another holds it.
   */
  lock(name: string): Promise<(() => void) | null>;
  usage(): Promise<StoreUsage>;
}
