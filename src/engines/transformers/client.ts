import type { TransformersCard } from '../../core/model.ts';
import type { Engine, EngineFacts } from '../../core/ports/engine.ts';
import { WorkerLink } from '../workerLink.ts';
import type { DeviceChoice, EngineCalls } from './protocol.ts';

interface ClientOptions {
  /** Address of the folder that holds the models' folders, relative to the page. */
  readonly modelsUrl: string;
  readonly device?: DeviceChoice;
  /** CPU threads; the default fits this machine. */
  readonly threads?: number;
}

/** The embedded engine on the page's side: all work is done in a worker, which lives until `dispose`. */
export class TransformersEngine implements Engine {
  readonly #card: TransformersCard;
  readonly #options: ClientOptions;
  readonly #link: WorkerLink<EngineCalls>;
  #loading: Promise<EngineFacts> | null = null;

  constructor(card: TransformersCard, options: ClientOptions) {
    this.#card = card;
    this.#options = options;
    this.#link = new WorkerLink(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
  }

  load({ signal, onProgress }: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    this.#loading ??= this.#link
      .call('load', this.#loadParams(), { signal, onEvent: onProgress })
      .catch((error: unknown) => {
        this.#loading = null;
        throw error;
      });
    return this.#loading;
  }

  generate(...[request, options = {}]: Parameters<Engine['generate']>): ReturnType<Engine['generate']> {
    const { signal, onText } = options;
    return this.#link.call('generate', request, {
      signal,
      onEvent: onText && (({ text, tokens }) => onText(text, tokens)),
    });
  }

  async dispose(): Promise<void> {
    this.#link.dispose();
  }

  #loadParams(): EngineCalls['load']['params'] {
    const { modelsUrl, device = 'auto', threads } = this.#options;
    const folderUrl = new URL(`${this.#card.folder}/`, new URL(modelsUrl, document.baseURI)).href;
    return { card: this.#card, folderUrl, device, ...(threads && { threads }) };
  }
}
