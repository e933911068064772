import type { CheckpointProgress, CheckpointState } from '../../../core/checkpointState.ts';
import type { InstalledCheckpoint, WebLlmCard } from '../../../core/model.ts';
import { WorkerLink } from '../../workerLink.ts';
import type { FileOrigin, StoreCalls } from './protocol.ts';

interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckpointProgress) => void;
}

/** The stored checkpoints, on the page's side. Hashing gigabytes is a worker's task; it starts with the first call. */
export class CheckpointClient {
  #link: WorkerLink<StoreCalls> | null = null;

  stateOf(installed: InstalledCheckpoint): Promise<CheckpointState | null> {
    return this.#open().call('stateOf', installed);
  }

  install(
    card: WebLlmCard,
    from: FileOrigin,
    options: WorkOptions & { readonly onKnown?: (installed: InstalledCheckpoint) => void } = {},
  ): Promise<InstalledCheckpoint> {
    const { signal, onProgress, onKnown } = options;
    const onEvent = (event: StoreCalls['install']['event']) =>
      'known' in event ? onKnown?.(event.known) : onProgress?.(event.progress);
    return this.#open().call('install', { card, from }, { signal, onEvent });
  }

  resume(
    installed: InstalledCheckpoint,
    from: FileOrigin,
    { signal, onProgress }: WorkOptions = {},
  ): Promise<void> {
    return this.#open().call('resume', { installed, from }, { signal, onEvent: onProgress });
  }

  verify(
    installed: InstalledCheckpoint,
    { signal, onProgress }: WorkOptions = {},
  ): Promise<readonly string[]> {
    return this.#open().call('verify', installed, { signal, onEvent: onProgress });
  }

  remove(installed: InstalledCheckpoint): Promise<void> {
    return this.#open().call('remove', installed);
  }

  exportTo(
    installed: InstalledCheckpoint,
    folder: FileSystemDirectoryHandle,
    { signal, onProgress }: WorkOptions = {},
  ): Promise<void> {
    return this.#open().call('exportTo', { installed, folder }, { signal, onEvent: onProgress });
  }

  #open(): WorkerLink<StoreCalls> {
    this.#link ??= new WorkerLink(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
    return this.#link;
  }
}
