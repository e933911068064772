import { EngineLostError } from '../core/errors.ts';
import type { Engine, EngineFacts, LoadProgress, Score } from '../core/ports/engine.ts';
import type { EngineCalls } from './workerEngine.ts';
import { type LinkEndpoint, serveLink } from './workerLink.ts';

// Text that grows is sent at most this often per request: faster than anyone reads, and cheap for the page.
const textIntervalMs = 50;

export interface LoadedModel {
  readonly facts: EngineFacts;
  readonly generate: Engine['generate'];
  readonly score: Score;
}

type Load<LoadParams> = (
  params: LoadParams,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: LoadProgress) => void },
) => Promise<LoadedModel>;

/** Answers a page's {@link WorkerEngine} with a model that is loaded once. */
export function serveEngine<LoadParams>(scope: LinkEndpoint, load: Load<LoadParams>): void {
  let loaded: LoadedModel | null = null;
  const whenLoaded = (): LoadedModel => {
    if (loaded) return loaded;
    throw new EngineLostError('The model is not loaded. Load it first.');
  };
  serveLink<EngineCalls<LoadParams>>(scope, {
    load: async (params, { signal, emit }) => {
      loaded ??= await load(params, { signal, onProgress: emit });
      return loaded.facts;
    },
    generate: async (request, { signal, emit }) => {
      const model = whenLoaded();
      let sentMs = -Infinity;
      const answer = await model.generate(request, {
        signal,
        onRead: () => emit({ text: '', tokens: 0 }),
        onText: (text, tokens) => {
          if (performance.now() - sentMs < textIntervalMs) return;
          sentMs = performance.now();
          emit({ text, tokens });
        },
      });
      // The last tokens may have come within the interval.
      emit({ text: answer.text, tokens: answer.tokens });
      return answer;
    },
    score: async (request, { signal }) => whenLoaded().score(request, { signal }),
  });
}
