import type { WebLlmCard } from '../../core/model.ts';
import type { Engine, EngineFacts } from '../../core/ports/engine.ts';
import { WorkerLink } from '../workerLink.ts';
import type { EngineCalls } from './protocol.ts';

/** A 7-8B checkpoint on WebGPU, on the page's side: all work is done in a worker, which lives until `dispose`. */
export class WebLlmEngine implements Engine {
  readonly #card: WebLlmCard;
  readonly #link: WorkerLink<EngineCalls>;
  #loading: Promise<EngineFacts> | null = null;

  constructor(card: WebLlmCard) {
    this.#card = card;
    this.#link = new WorkerLink(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
  }

  load({ signal, onProgress }: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    this.#loading ??= this.#link
      .call('load', this.#card, { signal, onEvent: onProgress })
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
}
