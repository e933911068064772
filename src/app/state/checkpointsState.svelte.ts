import { type CheckpointProgress, type CheckpointState, isWhole } from '../../core/checkpointState.ts';
import { isAbort, sentenceOf } from '../../core/errors.ts';
import type { InstalledCheckpoint, WebLlmCard } from '../../core/model.ts';
import type { CheckpointAccess, FileOrigin } from './checkpointAccess.ts';
import { resolveLocation } from './resolveLocation.ts';

export type CheckpointWork = 'download' | 'import' | 'check' | 'export';

export type CheckpointStatus =
  | { readonly state: 'unknown' }
  | { readonly state: 'absent' }
  | { readonly state: 'partial' | 'whole'; readonly stored: CheckpointState }
  | {
      readonly state: 'working';
      readonly work: CheckpointWork;
      readonly progress: CheckpointProgress | null;
      readonly bytesPerSecond: number | null;
    };

/** What there is to say after some work. */
export interface CheckpointMessage {
  readonly kind: 'info' | 'error';
  readonly text: string;
}

interface Parts {
  readonly access: CheckpointAccess;
  /** The card as it is now: an installation changes it. */
  readonly find: (id: string) => WebLlmCard | null;
  /** Keeps what was installed with its card. */
  readonly setInstalled: (card: WebLlmCard, installed: InstalledCheckpoint | null) => Promise<void>;
}

type Options = { readonly signal: AbortSignal; readonly onProgress: (progress: CheckpointProgress) => void };

const none: FileOrigin = { folder: null, files: null };
const unknown: CheckpointStatus = { state: 'unknown' };

/** The checkpoints' files on this device: what is stored, and what is being done. Verbs never throw: see the message. */
export class CheckpointsState {
  readonly #parts: Parts;
  readonly #work = new Map<string, AbortController>();
  #statuses = $state.raw<Readonly<Record<string, CheckpointStatus>>>({});
  #messages = $state.raw<Readonly<Record<string, CheckpointMessage | null>>>({});

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  statusOf({ id }: WebLlmCard): CheckpointStatus {
    return this.#statuses[id] ?? unknown;
  }
  messageOf({ id }: WebLlmCard): CheckpointMessage | null {
    return this.#messages[id] ?? null;
  }
  dismiss({ id }: WebLlmCard): void {
    this.#messages = { ...this.#messages, [id]: null };
  }

  /** Looks what is stored. */
  async refresh({ id, installed }: WebLlmCard): Promise<void> {
    if (this.#work.has(id)) return;
    try {
      const stored = installed && (await this.#parts.access.stateOf(installed));
      this.#set(id, stored ? { state: isWhole(stored) ? 'whole' : 'partial', stored } : { state: 'absent' });
    } catch (error) {
      this.#say(id, 'error', sentenceOf(error));
    }
  }

  /** From the addresses of the card, or from one that the user names; what is stored of it already stays. */
  download(card: WebLlmCard, location?: string): Promise<void> {
    return this.#run(card, 'download', async (options) => {
      if (location === undefined && card.installed?.folder) {
        await this.#parts.access.resume(card.installed, none, options);
        return '';
      }
      const folder = location === undefined ? null : resolveLocation(location, document.baseURI);
      return this.#install(card, { folder, files: null }, options);
    });
  }

  /** From files of this device, by name; no network is needed where the library lies beside them. */
  importFiles(card: WebLlmCard, files: ReadonlyMap<string, Blob>): Promise<void> {
    return this.#run(card, 'import', (options) => this.#install(card, { folder: null, files }, options));
  }

  /** Stops what is being done; what is stored until then stays. */
  pause({ id }: WebLlmCard): void {
    this.#work.get(id)?.abort(new DOMException('Stopped.', 'AbortError'));
  }

  verify(card: WebLlmCard): Promise<void> {
    return this.#run(card, 'check', async (options) => {
      if (!card.installed) return '';
      const broken = await this.#parts.access.verify(card.installed, options);
      if (broken.length === 0) return 'Every stored file is as it should be.';
      const files = broken.length === 1 ? 'One file was broken' : `${broken.length} files were broken`;
      const again = card.installed.folder ? 'Resume to fetch' : 'Import the folder again to replace';
      return `${files} and removed: ${broken.join(', ')}. ${again} what is missing.`;
    });
  }

  async remove(card: WebLlmCard): Promise<void> {
    if (!card.installed) return;
    this.dismiss(card);
    try {
      await this.#parts.access.remove(card.installed);
      await this.#parts.setInstalled(card, null);
      await this.refresh({ ...card, installed: null });
    } catch (error) {
      this.#say(card.id, 'error', sentenceOf(error));
    }
  }

  exportTo(card: WebLlmCard, folder: FileSystemDirectoryHandle): Promise<void> {
    return this.#run(card, 'export', async (options) => {
      if (!card.installed) return '';
      await this.#parts.access.exportTo(card.installed, folder, options);
      return `The model is in the folder "${folder.name}". Import that folder on another device; it needs no network.`;
    });
  }

  async #install(card: WebLlmCard, from: FileOrigin, options: Options): Promise<string> {
    const { access, setInstalled } = this.#parts;
    const before = card.installed;
    const kept: Promise<void>[] = [];
    const onKnown = (known: InstalledCheckpoint) => {
      if (known.sha256 !== before?.sha256 && before) kept.push(access.remove(before));
      kept.push(setInstalled(card, known));
    };
    try {
      await access.install(card, from, { ...options, onKnown });
    } finally {
      await Promise.all(kept);
    }
    return '';
  }

  async #run(
    card: WebLlmCard,
    work: CheckpointWork,
    task: (options: Options) => Promise<string>,
  ): Promise<void> {
    const { id } = card;
    if (this.#work.has(id)) return;
    const controller = new AbortController();
    this.#work.set(id, controller);
    this.dismiss(card);
    this.#set(id, { state: 'working', work, progress: null, bytesPerSecond: null });
    const rate = rateOf();
    try {
      const said = await task({
        signal: controller.signal,
        onProgress: (progress) =>
          this.#set(id, { state: 'working', work, progress, bytesPerSecond: rate(progress) }),
      });
      if (said) this.#say(id, 'info', said);
    } catch (error) {
      if (!isAbort(error)) this.#say(id, 'error', sentenceOf(error));
    } finally {
      this.#work.delete(id);
      await this.refresh(this.#parts.find(id) ?? card);
    }
  }

  #set(id: string, status: CheckpointStatus): void {
    this.#statuses = { ...this.#statuses, [id]: status };
  }

  #say(id: string, kind: CheckpointMessage['kind'], text: string): void {
    this.#messages = { ...this.#messages, [id]: { kind, text } };
  }
}

/** Seconds that a rate looks back. */
const windowSeconds = 5;

/** Bytes a second over the last moments; null until there is something to say. */
function rateOf(): (progress: CheckpointProgress) => number | null {
  const seen: { readonly seconds: number; readonly bytes: number }[] = [];
  return ({ storedBytes, pendingBytes }) => {
    const now = { seconds: performance.now() / 1000, bytes: storedBytes + pendingBytes };
    seen.push(now);
    while (seen.length > 2 && now.seconds - (seen[0]?.seconds ?? 0) > windowSeconds) seen.shift();
    const [first = now] = seen;
    return now.seconds - first.seconds < 0.5
      ? null
      : (now.bytes - first.bytes) / (now.seconds - first.seconds);
  };
}
