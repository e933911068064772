import type { ImportKind, ImportOptions, ImportOutcomes } from '../../core/importFile.ts';

/** Merges a file into the store. Errors: those of `importFile`. */
export type FileImporter = <Kind extends ImportKind>(
  kind: Kind,
  file: File,
  options?: ImportOptions,
) => Promise<ImportOutcomes[Kind]>;
