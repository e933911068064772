import type {
  ContinuationScore,
  Engine,
  EngineFacts,
  Generation,
  GenerationRequest,
  LoadProgress,
  Score,
  ScoreRequest,
} from '../core/ports/engine.ts';
import { WorkerLink } from './workerLink.ts';

/** What the page may ask of a worker that holds a model. */
export type EngineCalls<LoadParams> = {
  load: { params: LoadParams; event: LoadProgress; result: EngineFacts };
  generate: {
    params: GenerationRequest;
    /** Without a token it tells that a part of the prompt was read. */
    event: { readonly text: string; readonly tokens: number };
    result: Generation;
  };
  score: { params: ScoreRequest; event: never; result: readonly ContinuationScore[] };
};

/** An engine on the page's side: all work is done in a worker, which lives until `dispose`. */
export class WorkerEngine<LoadParams> implements Engine {
  readonly #params: LoadParams;
  readonly #link: WorkerLink<EngineCalls<LoadParams>>;
  #loading: Promise<EngineFacts> | null = null;

  /** The worker answers by {@link serveEngine}. */
  constructor(worker: Worker, params: LoadParams) {
    this.#params = params;
    this.#link = new WorkerLink(worker);
  }

  load({ signal, onProgress }: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    this.#loading ??= this.#link
      .call('load', this.#params, { signal, onEvent: onProgress })
      .catch((error: unknown) => {
        this.#loading = null;
        throw error;
      });
    return this.#loading;
  }

  generate(...[request, options = {}]: Parameters<Engine['generate']>): ReturnType<Engine['generate']> {
    const { signal, onText, onRead } = options;
    return this.#link.call('generate', request, {
      signal,
      onEvent: ({ text, tokens }) => (tokens === 0 ? onRead?.() : onText?.(text, tokens)),
    });
  }

  score(...[request, { signal } = {}]: Parameters<Score>): ReturnType<Score> {
    return this.#link.call('score', request, { signal });
  }

  async dispose(): Promise<void> {
    this.#link.dispose();
  }
}
