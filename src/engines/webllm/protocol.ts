import type { WebLlmCard } from '../../core/model.ts';
import type { EngineFacts, Generation, GenerationRequest, LoadProgress } from '../../core/ports/engine.ts';

/** What the page may ask of the worker. */
export type EngineCalls = {
  load: { params: WebLlmCard; event: LoadProgress; result: EngineFacts };
  generate: {
    params: GenerationRequest;
    event: { readonly text: string; readonly tokens: number };
    result: Generation;
  };
};
