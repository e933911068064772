import { changeRun } from './changeRun.ts';
import { InputError } from './errors.ts';
import { extendRun, refuseOtherSettings } from './extendRun.ts';
import { withJudging } from './planJudging.ts';
import { lockRun } from './lockRun.ts';
import type { Collection, Collections, Store } from './ports/store.ts';
import type { Rollout } from './rollout.ts';
import { promptKey, promptsByKey } from './promptKey.ts';
import type { Run } from './run.ts';
import type { RunFile } from './runFile.ts';
import { readRecords } from './storedRecords.ts';

export interface ImportOutcome {
  /** As it is stored now. */
  readonly run: Run;
  readonly isNew: boolean;
  /** Records that were stored; the others were there already. */
  readonly added: { readonly rollouts: number; readonly verdicts: number; readonly beliefs: number };
  /** Answers of which another text is stored: that one stays, and the file's verdicts on them are left out. */
  readonly differing: number;
}

/**
 * Merges a run into the store. A run of the same id grows to hold both; a stored record is only
 * replaced when it is a failed one and the other is not. Errors: {@link InputError} when the two runs have
 * different settings, {@link LockedError} when the run is at work, {@link StoreError}.
 */
export async function importRun(
  store: Store,
  { run, rollouts, verdicts, beliefs }: RunFile,
): Promise<ImportOutcome> {
  const release = await lockRun(store, run.id);
  try {
    let isNew = false;
    // The run first: a store that cannot take it must say so before anything else is written.
    const merged = await changeRun(store, run.id, (stored) => {
      isNew = stored === undefined;
      return stored ? mergeRuns(stored, run) : run;
    });
    const differing = await findDiffering(store, rollouts);
    const added = {
      rollouts: await addBetter(store, 'rollouts', rollouts),
      verdicts: await addBetter(
        store,
        'verdicts',
        verdicts.filter(({ rolloutKey }) => !differing.has(rolloutKey)),
      ),
      beliefs: await addBetter(store, 'beliefs', beliefs),
    };
    return { run: merged, isNew, added, differing: differing.size };
  } finally {
    release();
  }
}

function mergeRuns(stored: Run, run: Run): Run {
  refuseOtherSettings(stored, run, `The run "${stored.name}" is stored already. It`);
  const known = promptsByKey(stored);
  for (const prompt of run.prompts) {
    const { text = prompt.text } = known.get(promptKey(prompt)) ?? {};
    if (text === prompt.text) continue;
    throw new InputError(
      `The run "${stored.name}" is stored already, with another text for ${promptKey(prompt)}. ` +
        'Delete the stored run, or import the file into another place. Nothing was imported.',
    );
  }
  return run.judgings.reduce(withJudging, extendRun(stored, run));
}

/** The same key can have two texts where a server does not repeat itself; a verdict is on one of them. */
async function findDiffering(store: Store, rollouts: readonly Rollout[]): Promise<Set<string>> {
  const keys = rollouts.map(({ key }) => key);
  const stored = await readRecords(store, 'rollouts', keys);
  const differing = rollouts.filter((rollout) => {
    const known = stored.get(rollout.key);
    return known?.status === 'done' && (rollout.status !== 'done' || known.text !== rollout.text);
  });
  return new Set(differing.map(({ key }) => key));
}

/** Stores what is new, and what replaces a failure; gives how many that were. Errors: {@link StoreError}. */
export async function addBetter<C extends 'rollouts' | 'verdicts' | 'beliefs'>(
  store: Store,
  collection: C,
  records: readonly Collections[C][],
): Promise<number> {
  const keys = records.map(({ key }) => key);
  const stored = await readRecords(store, collection, keys);
  const better = records.filter((record) => {
    const known = stored.get(record.key);
    return known === undefined || (known.status === 'failed' && record.status !== 'failed');
  });
  if (better.length > 0)
    await store.put<Collection>(
      collection,
      better.map((record) => [record.key, record]),
    );
  return better.length;
}
