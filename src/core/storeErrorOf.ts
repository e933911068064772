import { StoreError } from '../core/errors.ts';

const blocked =
  'This browser does not let the page store anything: a private window, or a setting that blocks site data. ' +
  'Allow site data for this address, or open it in a normal window, then reload.';

const sentences: Readonly<Record<string, string>> = {
  QuotaExceededError:
    "The browser's storage is full. Delete runs or models, or free space on the disk, then resume; " +
    'everything stored until now is kept.',
  SecurityError: blocked,
  InvalidStateError: blocked,
  InvalidAccessError: blocked,
  NotAllowedError: blocked,
  UnknownError:
    "The browser could not read or write its storage: the disk may be full, or the browser's profile damaged. " +
    'Free space, restart the browser and try again; export the run if it still opens.',
  VersionError:
    'The stored data was written by a newer version of this page. Close its other tabs and reload this one.',
  NotFoundError:
    'The stored data has not the form that this page expects. Close all tabs of this page and reload; ' +
    'if it stays, export what still opens and clear the site data in the browser.',
  DataCloneError:
    'This record cannot be stored: it holds something that is no plain data, such as a function or a Svelte ' +
    'proxy (take $state.snapshot first). Nothing was stored.',
};

/** What went wrong in IndexedDB or the browser's storage, as a sentence. */
export function storeErrorOf(cause: unknown): StoreError {
  return new StoreError(sentenceFor(cause), { cause });
}

function sentenceFor(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : '';
  const detail = cause instanceof Error ? cause.message : String(cause);
  return (
    sentences[name] ??
    `The browser could not store or read the data (${name} ${detail}). Reload and try again; what was stored is kept.`
  );
}
