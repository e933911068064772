import type { CheckpointProgress, CheckpointState } from '../../../core/checkpointState.ts';
import type { InstalledCheckpoint, WebLlmCard } from '../../../core/model.ts';

/** Where files come from: an address, or files that the user chose, by name. Neither: the card's own addresses. */
export interface FileOrigin {
  readonly folder: string | null;
  readonly files: ReadonlyMap<string, Blob> | null;
}

/** What the page may ask of the worker that stores checkpoints. */
export type StoreCalls = {
  stateOf: { params: InstalledCheckpoint; event: never; result: CheckpointState | null };
  install: {
    params: { readonly card: WebLlmCard; readonly from: FileOrigin };
    event: { readonly known: InstalledCheckpoint } | { readonly progress: CheckpointProgress };
    result: InstalledCheckpoint;
  };
  resume: {
    params: { readonly installed: InstalledCheckpoint; readonly from: FileOrigin };
    event: CheckpointProgress;
    result: void;
  };
  verify: { params: InstalledCheckpoint; event: CheckpointProgress; result: readonly string[] };
  remove: { params: InstalledCheckpoint; event: never; result: void };
  exportTo: {
    params: { readonly installed: InstalledCheckpoint; readonly folder: FileSystemDirectoryHandle };
    event: CheckpointProgress;
    result: void;
  };
};
