import type { CheckpointProgress, CheckpointState } from '../../core/checkpointState.ts';
import type { InstalledCheckpoint, WebLlmCard } from '../../core/model.ts';

/** Where files come from: an address, or files by name. Neither: the addresses of the card. */
export interface FileOrigin {
  readonly folder: string | null;
  readonly files: ReadonlyMap<string, Blob> | null;
}

interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckpointProgress) => void;
}

/** The checkpoints on this device: engines/webllm/store. Errors are sentences to show. */
export interface CheckpointAccess {
  /** Null when nothing of it is stored. */
  stateOf(installed: InstalledCheckpoint): Promise<CheckpointState | null>;
  install(
    card: WebLlmCard,
    from: FileOrigin,
    options?: WorkOptions & { readonly onKnown?: (installed: InstalledCheckpoint) => void },
  ): Promise<InstalledCheckpoint>;
  resume(installed: InstalledCheckpoint, from: FileOrigin, options?: WorkOptions): Promise<void>;
  /** Names of the files that were broken; they are removed. */
  verify(installed: InstalledCheckpoint, options?: WorkOptions): Promise<readonly string[]>;
  remove(installed: InstalledCheckpoint): Promise<void>;
  exportTo(
    installed: InstalledCheckpoint,
    folder: FileSystemDirectoryHandle,
    options?: WorkOptions,
  ): Promise<void>;
}
