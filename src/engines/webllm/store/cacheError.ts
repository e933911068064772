import { OtherselfError, StoreError } from '../../../core/errors.ts';

/** What went wrong in the browser's storage, as a sentence. */
export function cacheErrorOf(cause: unknown): OtherselfError {
  if (cause instanceof OtherselfError) return cause;
  const name = cause instanceof Error ? cause.name : '';
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (name === 'QuotaExceededError') {
    return new StoreError(
      "The browser's storage is full. Delete models or runs, or free space on the disk, then resume; the files " +
        'that are stored until now are kept.',
      { cause },
    );
  }
  if (['SecurityError', 'NotAllowedError', 'InvalidAccessError'].includes(name)) {
    return new StoreError(
      'This browser does not let the page store anything: a private window, or a setting that blocks site data. ' +
        'Allow site data for this address, or open it in a normal window, then reload.',
      { cause },
    );
  }
  return new StoreError(
    `The browser could not read or write the model's files (${name || 'error'}: ${detail}). Reload the page and try ` +
      'again; what is stored is kept.',
    { cause },
  );
}
