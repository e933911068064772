import type { ImportKind, ImportOutcomes } from '../../core/importFile.ts';

/** The one message to the worker. */
export interface ImportRequest {
  readonly kind: ImportKind;
  readonly file: File;
}

/** Any number of `progress`, then one of the others. */
export type ImportReply =
  | { readonly type: 'progress'; readonly read: number }
  | { readonly type: 'done'; readonly outcome: ImportOutcomes[ImportKind] }
  | { readonly type: 'error'; readonly name: string; readonly message: string };
