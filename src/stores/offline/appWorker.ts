import { LockedError, sentenceOf } from '../../core/errors.ts';
import { type OfflineFiles, type OfflineStatus, type OfflineWorker, sumOfBytes } from '../../core/offline.ts';

interface Parts {
  /** Undefined where there can be none. */
  readonly container: ServiceWorkerContainer | undefined;
  readonly locks: LockManager | undefined;
  /** The page's folder, with the slash at its end. */
  readonly baseUrl: URL;
  /** For the progress of the first installation. */
  readonly files: Pick<OfflineFiles, 'list'>;
}

const lookEveryMs = 500;
const unsupported =
  'Here the app cannot be kept for use without the network. It can where it is built and opened by https, ' +
  'or from this computer, outside private windows.';
const notInstalled =
  'The app could not be kept for use without the network. Check the network and the free space on this device, ' +
  'then try again.';

/** Registers the service worker and follows it. A new version waits; nothing here lets it act by itself. */
export class AppWorker implements OfflineWorker {
  readonly #parts: Parts;
  readonly #lockName: string;
  #registration: ServiceWorkerRegistration | null = null;
  #isTabCounted = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#lockName = `otherself-tab ${parts.baseUrl.href}`;
  }

  async start(onStatus: (status: OfflineStatus) => void): Promise<void> {
    const { container, baseUrl } = this.#parts;
    if (!container) return onStatus({ state: 'unsupported', reason: unsupported });
    this.#countTab();
    try {
      const script = new URL('sw.js', baseUrl);
      const registration = await container.register(script, { updateViaCache: 'none' });
      this.#registration = registration;
      this.#follow(registration, onStatus);
    } catch (error) {
      onStatus({ state: 'failed', error: `${notInstalled} The browser says: ${sentenceOf(error)}` });
    }
  }

  async activate(): Promise<void> {
    const waiting = this.#registration?.waiting;
    if (!waiting) return;
    // It takes the old version's files away, which other tabs still need.
    if (await this.#isOpenElsewhere()) {
      throw new LockedError('Otherself is open in another tab, too. Close that one, then try again.');
    }
    await new Promise<void>((resolve) => {
      waiting.addEventListener('statechange', () => {
        if (waiting.state === 'activated' || waiting.state === 'redundant') resolve();
      });
      waiting.postMessage({ type: 'SKIP_WAITING' });
    });
  }

  #follow(registration: ServiceWorkerRegistration, onStatus: (status: OfflineStatus) => void): void {
    let isCounting = false;
    const look = () => {
      const state = stateOf(registration);
      if (state === 'failed') onStatus({ state, error: notInstalled });
      else if (state !== 'installing') onStatus({ state });
      else if (!isCounting) {
        isCounting = true;
        void this.#count(registration, onStatus);
      }
    };
    const follow = (worker: ServiceWorker | null) => worker?.addEventListener('statechange', look);
    follow(registration.installing);
    follow(registration.waiting);
    registration.addEventListener('updatefound', () => {
      follow(registration.installing);
      look();
    });
    look();
  }

  /** Tells how far the first installation is, until it ends. */
  async #count(
    registration: ServiceWorkerRegistration,
    onStatus: (status: OfflineStatus) => void,
  ): Promise<void> {
    while (stateOf(registration) === 'installing') {
      // The list serves nothing but the progress here; what is wrong with the network, the installation tells.
      const files = await this.#parts.files.list().catch(() => null);
      if (stateOf(registration) !== 'installing') return;
      const stored = files?.filter(({ isStored }) => isStored) ?? [];
      onStatus({
        state: 'installing',
        doneBytes: sumOfBytes(stored),
        totalBytes: files && sumOfBytes(files),
      });
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** Every tab holds a shared lock for as long as it lives, so that each can see the others. */
  #countTab(): void {
    if (this.#isTabCounted) return;
    this.#isTabCounted = true;
    void this.#parts.locks?.request(this.#lockName, { mode: 'shared' }, () => new Promise(() => undefined));
  }

  async #isOpenElsewhere(): Promise<boolean> {
    const held = (await this.#parts.locks?.query())?.held ?? [];
    return held.filter(({ name }) => name === this.#lockName).length > 1;
  }
}

function stateOf({ installing, waiting, active }: ServiceWorkerRegistration) {
  if (active) return waiting ? 'updateReady' : 'ready';
  return installing || waiting ? 'installing' : 'failed';
}
