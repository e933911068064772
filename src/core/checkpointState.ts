/** What of a checkpoint is stored on this device. Read from what is stored, so it cannot be out of step. */
export interface CheckpointState {
  readonly files: number;
  readonly bytes: number;
  /** Of them, those that are stored; each was compared with its hash before. */
  readonly storedFiles: number;
  readonly storedBytes: number;
}

/** What happens in a download, an import, a check or an export. */
export interface CheckpointProgress extends CheckpointState {
  /** Bytes that have come but are not compared and stored yet. */
  readonly pendingBytes: number;
  /** Files that are worked on at this moment. */
  readonly lanes: number;
}

/** Whether all of it is there, so that it loads without a network. */
export function isWhole(state: CheckpointState | null): boolean {
  return state !== null && state.storedFiles === state.files;
}
