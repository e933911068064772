import type { Store } from './ports/store.ts';
import type { Run } from './run.ts';

/** A holder has two small transactions to do. */
const retryMs = 5;

/**
 * Changes a run's stored form, which others may change at the same moment: a person who labels while a judge scores.
 * One change after the other, so that none is lost. Gives what is stored now. Errors: those of `change`,
 * {@link StoreError}.
 */
export async function changeRun(
  store: Store,
  id: string,
  change: (stored: Run | undefined) => Run,
): Promise<Run> {
  let release = await store.lock(`change:${id}`);
  while (!release) {
    await new Promise<void>((resolve) => setTimeout(resolve, retryMs));
    release = await store.lock(`change:${id}`);
  }
  try {
    const [stored] = await store.get('runs', [id]);
    const run = change(stored);
    await store.put('runs', [[id, run]]);
    return run;
  } finally {
    release();
  }
}
