import type { FileHashes } from '../../checkpoint/verifyCheckpoint.ts';
import type { BlockResult, RowBlock } from '../../checkpoint/rowBlock.ts';

/** Bytes of a file, and what they must be. */
export interface WrittenRange {
  readonly start: number;
  readonly end: number;
  readonly crc32: number;
}

/** Where a block's stored rows go; null for what an earlier run finished. */
export interface BlockTarget {
  readonly path: string;
  readonly position: number;
}

/** What a worker thread does. */
export interface WorkerCalls {
  /** Reads, merges, quantises and writes rows. A range for each target; null where there was none. */
  readonly convertBlock: {
    readonly params: { readonly block: RowBlock; readonly targets: readonly (BlockTarget | null)[] };
    readonly result: {
      readonly error: BlockResult['error'];
      readonly written: readonly (WrittenRange | null)[];
    };
  };
  /** Puts a finished file on the disk for good, reads it back, and holds it against what was written. */
  readonly sealFile: {
    readonly params: { readonly path: string; readonly ranges: readonly WrittenRange[] };
    readonly result: FileHashes;
  };
  /** SHA-256 alone, which costs half. */
  readonly hashSource: { readonly params: { readonly path: string }; readonly result: string };
  readonly hashFile: { readonly params: { readonly path: string }; readonly result: FileHashes };
}

export type WorkerMethod = keyof WorkerCalls;

export interface CallMessage {
  readonly id: number;
  readonly method: WorkerMethod;
  readonly params: WorkerCalls[WorkerMethod]['params'];
}

export type ReplyMessage =
  | { readonly id: number; readonly result: WorkerCalls[WorkerMethod]['result'] }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };

export type WorkerHandlers = {
  readonly [Method in WorkerMethod]: (
    params: WorkerCalls[Method]['params'],
  ) => Promise<WorkerCalls[Method]['result']>;
};
