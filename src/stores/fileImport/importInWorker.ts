import { StoreError, reviveError } from '../../core/errors.ts';
import type { ImportKind, ImportOptions, ImportOutcomes } from '../../core/importFile.ts';
import type { ImportReply, ImportRequest } from './protocol.ts';

/**
 * Imports a file into the browser's store, in a worker that lives as long as that takes: 40,000 records take
 * seconds to read, which would hold up the page. Errors: those of `importFile`.
 */
export async function importInWorker<Kind extends ImportKind>(
  kind: Kind,
  file: File,
  options: ImportOptions = {},
): Promise<ImportOutcomes[Kind]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  try {
    // The worker answers with the outcome of the kind that it was asked for.
    return (await ask(worker, { kind, file }, options)) as ImportOutcomes[Kind];
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, request: ImportRequest, { onProgress }: ImportOptions) {
  return new Promise<ImportOutcomes[ImportKind]>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<ImportReply>) => {
      if (data.type === 'progress') onProgress?.(data.read);
      else if (data.type === 'done') resolve(data.outcome);
      else reject(reviveError(data.name, data.message));
    });
    const fail = ({ message = '' }: { readonly message?: string }): void => {
      const detail = message === '' ? '' : ` (${message})`;
      reject(
        new StoreError(
          `The import stopped unexpectedly${detail}: the file may be too large for this browser, or the page was ` +
            'updated meanwhile. Reload and import it again; what is stored already is not added twice.',
        ),
      );
    };
    worker.addEventListener('error', fail);
    worker.addEventListener('messageerror', () => fail({}));
    worker.postMessage(request);
  });
}
