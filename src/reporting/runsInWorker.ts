import type { ReportEvent, ReportSource } from '../findings/report/reportStream.ts';
import type { NumberedEvent, NumberedRequest } from './protocol.ts';

/**
 * Reports from the browser's store, reckoned in a worker: 20,000 answers take seconds to read, which would hold up the
 * page. It lives on, since it keeps the last run; one that failed is replaced at the next request.
 */
export function reportInWorker(): ReportSource {
  let worker: Worker | null = null;
  let newest: { readonly id: number; readonly tell: (event: ReportEvent) => void } | null = null;
  const start = (): Worker => {
    const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    started.addEventListener('message', ({ data: { id, event } }: MessageEvent<NumberedEvent>) => {
      if (id === newest?.id) newest.tell(event);
    });
    const fail = ({ message = '' }: { readonly message?: string }): void => {
      started.terminate();
      worker = null;
      const detail = message === '' ? '' : ` (${message})`;
      const text = `The report stopped unexpectedly${detail}: the run may be too large for this browser, or the page was updated meanwhile. Reload, or use: otherself report`;
      newest?.tell({ type: 'failed', name: 'Error', message: text });
    };
    started.addEventListener('error', fail);
    started.addEventListener('messageerror', () => fail({}));
    return started;
  };
  return (request, tell) => {
    worker ??= start();
    newest = { id: (newest?.id ?? 0) + 1, tell };
    worker.postMessage({ id: newest.id, request } satisfies NumberedRequest);
  };
}
