import type { WebLlmCard } from '../../core/model.ts';

/** What the page tells the worker to load. */
export interface LoadParams {
  readonly card: WebLlmCard;
  /** Answers decoded at once; without, as many as there is memory for and a short timing finds worthwhile. */
  readonly rows?: number;
  /** The same, at most. */
  readonly maxRows?: number;
}
