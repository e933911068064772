/** A file that must be on this device for the app to work without the network. */
export interface OfflineFile {
  readonly path: string;
  readonly bytes: number;
  readonly isStored: boolean;
}

export function sumOfBytes(files: readonly Pick<OfflineFile, 'bytes'>[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Files that something cannot do without. Errors: sentences to show. */
export interface OfflineFiles {
  list(): Promise<readonly OfflineFile[]>;
  /** Fetches and stores one of them. `onProgress` tells the bytes that have come. */
  fetch(
    file: OfflineFile,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void },
  ): Promise<void>;
}

export type OfflineStatus =
  | { readonly state: 'unsupported'; readonly reason: string }
  /** For the first time on this device. `totalBytes` is null until it is known. */
  | { readonly state: 'installing'; readonly doneBytes: number; readonly totalBytes: number | null }
  | { readonly state: 'ready' }
  /** A newer version is stored, and waits until it is asked for or all tabs are closed. */
  | { readonly state: 'updateReady' }
  | { readonly state: 'failed'; readonly error: string };

/** What keeps the app itself on this device and serves it without the network. */
export interface OfflineWorker {
  /** Installs what is not installed yet, and tells each status from now on; a failure is one, too. */
  start(onStatus: (status: OfflineStatus) => void): Promise<void>;
  /** Puts the version that waits into use. Errors: {@link LockedError} while other tabs use the old one. */
  activate(): Promise<void>;
}
