/** The work's result, or the signal's reason as soon as it is aborted, however long the work goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * Runs work under a controller that follows `parent` and can be aborted by itself. AbortSignal.any would do, but Node
 * can lose such a signal to its garbage collection.
 */
export async function withAbort<T>(
  parent: AbortSignal | undefined,
  work: (controller: AbortController) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) stop();
  parent?.addEventListener('abort', stop, { once: true });
  try {
    return await work(controller);
  } finally {
    parent?.removeEventListener('abort', stop);
  }
}
