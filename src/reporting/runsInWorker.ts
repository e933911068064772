import type { NumberedEvent, NumberedRequest, RunSources } from './protocol.ts';

/**
 * Reports and tables from the browser's store, read and reckoned in a worker: 20,000 answers would hold up the page. It
 * lives on, since it keeps the last run; one that failed is replaced at the next request.
 */
export function runsInWorker(): RunSources {
  let worker: Worker | null = null;
  let newest: { readonly id: number; readonly take: (event: NumberedEvent) => void } | null = null;
  let fail: (message: string) => void = () => undefined;
  const start = (): Worker => {
    const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    started.addEventListener('message', ({ data }: MessageEvent<NumberedEvent>) => {
      if (data.id === newest?.id) newest.take(data);
    });
    const end = ({ message = '' }: { readonly message?: string }): void => {
      started.terminate();
      worker = null;
      const detail = message === '' ? '' : ` (${message})`;
      fail(
        `Reading this run stopped unexpectedly${detail}: it may be too large for this browser, or the page was updated meanwhile. Reload, or use: otherself report`,
      );
    };
    started.addEventListener('error', end);
    started.addEventListener('messageerror', () => end({}));
    return started;
  };
  const ask = (
    request: NumberedRequest,
    take: (event: NumberedEvent) => void,
    failed: (message: string) => void,
  ): void => {
    worker ??= start();
    newest = { id: request.id, take };
    fail = failed;
    worker.postMessage(request);
  };
  const nextId = (): number => (newest?.id ?? 0) + 1;
  return {
    startReader: () => {
      worker ??= start();
    },
    report: (request, tell) =>
      ask(
        { id: nextId(), kind: 'report', request },
        (sent) => sent.kind === 'report' && tell(sent.event),
        (message) => tell({ type: 'failed', name: 'Error', message }),
      ),
    results: (request, tell) =>
      ask(
        { id: nextId(), kind: 'results', request },
        (sent) => sent.kind === 'results' && tell(sent.event),
        (message) => tell({ type: 'failed', name: 'Error', message }),
      ),
  };
}
