import { LockedError } from './errors.ts';
import type { Store } from './ports/store.ts';

/**
 * Keeps others from collecting and judging a run until the returned function is called. Errors:
 * {@link LockedError} when it is at work, {@link StoreError}.
 */
export async function lockRun(store: Store, id: string): Promise<() => void> {
  const releases: (() => void)[] = [];
  const releaseAll = (): void => releases.forEach((release) => release());
  for (const name of [`run:${id}`, `judging:${id}`]) {
    const release = await store.lock(name);
    if (!release) {
      releaseAll();
      throw new LockedError(
        'This run is being collected or judged, here or in another tab or process. Stop it there first, then try again.',
      );
    }
    releases.push(release);
  }
  return releaseAll;
}
