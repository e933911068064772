import { storeErrorOf } from '../core/storeErrorOf.ts';

/** Asks the browser never to evict what is stored. True when it promises so. Call it on a user's action. */
export async function requestPersistence(): Promise<boolean> {
  try {
    return await navigator.storage.persist();
  } catch (cause) {
    throw storeErrorOf(cause);
  }
}
