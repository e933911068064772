import { mergeChats } from './chat.ts';
import type { DeviceFile } from './deviceFile.ts';
import { InputError, LockedError } from './errors.ts';
import { canonicalJson } from './ids.ts';
import { importRun } from './importRun.ts';
import { importTalk } from './importTalk.ts';
import type { Collection, Collections, Store } from './ports/store.ts';
import { rubricKey } from './rubric.ts';
import { readRecords } from './storedRecords.ts';

/** What became of a file's records of one collection. */
export interface ImportTally {
  added: number;
  /** Stored in an older form, into which the file's newer one was merged. */
  updated: number;
  /** The same is stored. */
  known: number;
  /** Another is stored, which stayed. */
  kept: number;
}

export interface DeviceImport {
  readonly tallies: Readonly<Record<Collection, ImportTally>>;
  /** Answers and verdicts of the file that belong to none of its runs and talks, and were left out. */
  readonly strays: number;
  /** A sentence for each run or chat that could not be taken in. */
  readonly problems: readonly string[];
}

/**
 * Merges an export of everything into the store. What is stored stays, unless the file's is a later state of the
 * same: a run or chat grows to hold both, a suite gives way to a higher version. Errors: {@link StoreError};
 * then some is stored, and importing again adds the rest.
 */
export async function importDevice(store: Store, file: DeviceFile): Promise<DeviceImport> {
  const merger = new DeviceMerger(store);
  await merger.runs(file);
  await merger.talks(file);
  await merger.chats(file);
  await merger.take(
    'beliefs',
    file.beliefs.map((belief) => [belief.key, belief]),
    (stored, belief) => stored.status === 'failed' && belief.status === 'done',
  );
  await merger.take('suites', entriesOf(file.suites), (stored, suite) => suite.version > stored.version);
  await merger.take(
    'rubrics',
    file.rubrics.map((rubric) => [rubricKey(rubric), rubric]),
  );
  await merger.take('models', entriesOf(file.models));
  await merger.take('settings', [...file.settings]);
  return { tallies: merger.tallies, strays: file.strays, problems: merger.problems };
}

class DeviceMerger {
  readonly #store: Store;
  readonly problems: string[] = [];
  readonly tallies: Record<Collection, ImportTally> = {
    ...{ runs: newTally(), rollouts: newTally(), verdicts: newTally(), beliefs: newTally() },
    ...{
      suites: newTally(),
      rubrics: newTally(),
      models: newTally(),
      chats: newTally(),
      talks: newTally(),
      settings: newTally(),
    },
  };

  constructor(store: Store) {
    this.#store = store;
  }

  async runs({ runs }: DeviceFile): Promise<void> {
    for (const file of runs) {
      await this.#attempt(`The run “${file.run.name}” was left out`, async () => {
        const { isNew, added, differing } = await importRun(this.#store, file);
        this.tallies.runs[isNew ? 'added' : 'known'] += 1;
        const { rollouts, verdicts } = this.tallies;
        rollouts.added += added.rollouts;
        rollouts.kept += differing;
        rollouts.known += file.rollouts.length - added.rollouts - differing;
        verdicts.added += added.verdicts;
        verdicts.known += file.verdicts.length - added.verdicts;
      });
    }
  }

  async talks({ talks }: DeviceFile): Promise<void> {
    for (const file of talks) {
      const { fate, talk, recordings } = await importTalk(this.#store, file);
      const isSame = canonicalJson(talk) === canonicalJson(file.talk);
      this.tallies.talks[fate === 'kept' && isSame ? 'known' : fate] += 1;
      this.tallies.rollouts.added += recordings;
      this.tallies.rollouts.known += file.rollouts.length - recordings;
    }
  }

  async chats({ chats }: DeviceFile): Promise<void> {
    for (const chat of chats) {
      await this.#attempt(`The chat “${chat.title}” was left out`, async () => {
        const release = await this.#store.lock(`chat:${chat.id}`);
        if (!release) throw new LockedError('It is answering now. Import again when it is done.');
        try {
          const [stored] = await this.#store.get('chats', [chat.id]);
          const merged = stored ? mergeChats(stored, chat) : chat;
          const isSame = stored !== undefined && canonicalJson(stored) === canonicalJson(merged);
          if (!isSame) await this.#store.put('chats', [[chat.id, merged]]);
          this.tallies.chats[isSame ? 'known' : stored ? 'updated' : 'added'] += 1;
        } finally {
          release();
        }
      });
    }
  }

  async take<C extends 'beliefs' | 'suites' | 'rubrics' | 'models' | 'settings'>(
    collection: C,
    records: readonly (readonly [string, Collections[C]])[],
    isLater: (stored: Collections[C], record: Collections[C]) => boolean = () => false,
  ): Promise<void> {
    const stored = await readRecords(
      this.#store,
      collection,
      records.map(([key]) => key),
    );
    const fateOf = ([key, record]: (typeof records)[number]): keyof ImportTally => {
      const known = stored.get(key);
      if (known === undefined) return 'added';
      if (canonicalJson(known) === canonicalJson(record)) return 'known';
      return isLater(known, record) ? 'updated' : 'kept';
    };
    const taken = records.filter((record) => {
      const fate = fateOf(record);
      this.tallies[collection][fate] += 1;
      return fate === 'added' || fate === 'updated';
    });
    if (taken.length > 0) await this.#store.put(collection, taken);
  }

  /** One run that cannot be taken in does not keep the others out. */
  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof InputError) && !(error instanceof LockedError)) throw error;
      this.problems.push(`${what}. ${error.message}`);
    }
  }
}

function newTally(): ImportTally {
  return { added: 0, updated: 0, known: 0, kept: 0 };
}

function entriesOf<T extends { readonly id: string }>(records: readonly T[]): [string, T][] {
  return records.map((record) => [record.id, record]);
}
