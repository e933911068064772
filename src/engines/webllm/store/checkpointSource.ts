export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that have come so far; fewer again when a try begins anew. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** What the file must have, where that is known. */
  readonly bytes?: number | undefined;
}

/** Where a checkpoint's files come from. */
export interface CheckpointSource {
  /** For sentences: an address, or "the folder". */
  readonly name: string;
  /** How often a file that does not fit its hash is read again. */
  readonly tries: number;
  /** Files that can be read at once. */
  readonly lanes: number;
  /** The whole file; null where there is none of this name. Errors: {@link ModelFileError}. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The compiled library, if one lies beside the files; else null. */
  findLibrary(): string | null;
}
