import { withAbort } from './abortable.ts';

/**
 * Works through `items` with up to `width` at once. Items are pulled one by one, so a caller that stops
 * yielding stops the work. The first error of `work` ends the pulling, and is thrown once all lanes are done.
 */
export async function runLanes<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && failure === null; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}

/** As {@link runLanes}; the first error, or the parent's abort, also reaches what is in flight, through its signal. */
export function runLanesTogether<T>(
  items: Iterable<T>,
  width: number,
  parent: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  return withAbort(parent, (controller) =>
    runLanes(items, width, async (item) => {
      try {
        controller.signal.throwIfAborted();
        await work(item, controller.signal);
      } catch (error) {
        controller.abort(error);
        throw error;
      }
    }),
  );
}
