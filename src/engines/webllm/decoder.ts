import type { Engine, Generation, GenerationRequest, Score } from '../../core/ports/engine.ts';

export type DecodeOptions = NonNullable<Parameters<Engine['generate']>[1]>;

/** Answers requests with a loaded model: one by one, or several in a batch. */
export interface Decoder {
  /** Requests that are worth having in flight at once. */
  readonly concurrency: number;
  /** As {@link Engine.generate}. */
  generate(request: GenerationRequest, options?: DecodeOptions): Promise<Generation>;
  readonly score: Score;
}
