import { abortable } from '../../core/abortable.ts';
import { StoreError, sentenceOf } from '../../core/errors.ts';
import {
  type OfflineFile,
  type OfflineFiles,
  type OfflineStatus,
  type OfflineWorker,
  sumOfBytes,
} from '../../core/offline.ts';

export interface OfflinePorts {
  readonly worker: OfflineWorker;
  /** The app itself. */
  readonly app: OfflineFiles;
  /** The embedded models. */
  readonly models: OfflineFiles;
}

export interface OfflinePart {
  readonly storedBytes: number;
  readonly totalBytes: number;
  readonly missing: readonly OfflineFile[];
}

/** What works without the network. */
export interface OfflineReport {
  /** The app and the embedded models, whole. */
  readonly isComplete: boolean;
  /** Null where the app cannot be kept. */
  readonly app: OfflinePart | null;
  readonly models: OfflinePart;
}

export interface OfflineProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

interface CompleteOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: OfflineProgress) => void;
}

/** Whether the app works without the network, and whether a newer version waits. */
export class OfflineState {
  readonly #open: () => Promise<OfflinePorts>;
  readonly #reload: () => void;
  #ports: Promise<OfflinePorts> | null = null;
  #status = $state.raw<OfflineStatus>({ state: 'installing', doneBytes: 0, totalBytes: null });
  #report = $state.raw<OfflineReport | null>(null);
  #progress = $state.raw<OfflineProgress | null>(null);
  #waiting: (() => void)[] = [];

  /** `open` gives the ports when they are first needed, so that their code is no part of the first load. */
  constructor(open: () => Promise<OfflinePorts>, reload: () => void) {
    this.#open = open;
    this.#reload = reload;
  }

  get state(): OfflineStatus {
    return this.#status;
  }
  /** What {@link check} found last. */
  get report(): OfflineReport | null {
    return this.#report;
  }
  /** Of {@link complete}; null when it is not at work. */
  get progress(): OfflineProgress | null {
    return this.#progress;
  }

  /** Installs the app on this device. Never throws: a failure is a state. */
  async start(): Promise<void> {
    try {
      const { worker } = await this.#opened();
      await worker.start((status) => {
        this.#status = status;
        for (const goOn of this.#waiting.splice(0)) goOn();
      });
    } catch (error) {
      this.#ports = null;
      this.#status = { state: 'failed', error: sentenceOf(error) };
    }
  }

  /** Puts the new version into use and reloads the page. Errors: {@link LockedError} while other tabs are open. */
  async update(): Promise<void> {
    await (await this.#opened()).worker.activate();
    this.#reload();
  }

  /** Looks whether every file is stored. Errors: {@link StoreError}. */
  async check(): Promise<OfflineReport> {
    const { app, models } = await this.#opened();
    const isSupported = this.#status.state !== 'unsupported';
    const [appFiles, modelFiles] = await Promise.all([isSupported ? app.list() : null, models.list()]);
    const parts = { app: appFiles && partOf(appFiles), models: partOf(modelFiles) };
    const isServed = this.#status.state === 'ready' || this.#status.state === 'updateReady';
    const isWhole = [parts.app, parts.models].every((part) => part?.missing.length === 0);
    this.#report = { ...parts, isComplete: isServed && isWhole };
    return this.#report;
  }

  /**
   * Fetches and stores what is missing. Errors: {@link StoreError}, {@link ModelFileError}; what was stored until
   * then stays.
   */
  async complete({ signal, onProgress }: CompleteOptions = {}): Promise<OfflineReport> {
    if (this.#status.state === 'failed') await this.start();
    await this.#untilInstalled(signal);
    const { app, models } = await this.#opened();
    const missing = (await Promise.all([missingOf(app), missingOf(models)])).flat();
    const totalBytes = sumOfBytes(missing.map(({ file }) => file));
    const tell = (doneBytes: number) => {
      this.#progress = { doneBytes, totalBytes };
      onProgress?.(this.#progress);
    };
    try {
      let doneBytes = 0;
      // One after the other: a model file is 44 MB of memory.
      for (const { from, file } of missing) {
        tell(doneBytes);
        const before = doneBytes;
        await from.fetch(file, { ...(signal && { signal }), onProgress: (bytes) => tell(before + bytes) });
        doneBytes += file.bytes;
      }
    } finally {
      this.#progress = null;
    }
    return this.check();
  }

  #opened(): Promise<OfflinePorts> {
    this.#ports ??= this.#open();
    return this.#ports;
  }

  /** The service worker fetches the app itself at first; nobody else may fetch the same at once. */
  async #untilInstalled(signal?: AbortSignal): Promise<void> {
    while (this.#status.state === 'installing') {
      await abortable(new Promise<void>((resolve) => this.#waiting.push(resolve)), signal);
    }
    if (this.#status.state === 'failed') throw new StoreError(this.#status.error);
    if (this.#status.state === 'unsupported') throw new StoreError(this.#status.reason);
  }
}

function partOf(files: readonly OfflineFile[]): OfflinePart {
  const missing = files.filter(({ isStored }) => !isStored);
  const totalBytes = sumOfBytes(files);
  return { totalBytes, storedBytes: totalBytes - sumOfBytes(missing), missing };
}

async function missingOf(from: OfflineFiles) {
  const files = await from.list();
  return files.filter(({ isStored }) => !isStored).map((file) => ({ from, file }));
}
