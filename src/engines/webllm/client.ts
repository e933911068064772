import { EngineLostError } from '../../core/errors.ts';
import type { WebLlmCard } from '../../core/model.ts';
import type { Engine, Score } from '../../core/ports/engine.ts';
import { WorkerEngine } from '../workerEngine.ts';
import type { LoadParams } from './protocol.ts';

/** What is tried first where a model was lost before it said how many rows it takes. */
const usualRows = 16;

/** Rows that a model may have at most, by card, since it was lost with more: they may have been too many. */
const rowLimits = new Map<string, number>();

/** A 7-8B checkpoint on WebGPU, on the page's side. Whenever it is lost, the next one decodes fewer answers at once. */
export class WebLlmEngine extends WorkerEngine<LoadParams> {
  readonly #cardId: string;
  #rows: number;
  #isEnded = false;

  /** `rows`: answers decoded at once, instead of as many as a short timing finds worthwhile. */
  constructor(card: WebLlmCard, { rows }: { readonly rows?: number } = {}) {
    const maxRows = rowLimits.get(card.id);
    super(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }), {
      ...{ card, ...(rows !== undefined && { rows }), ...(maxRows !== undefined && { maxRows }) },
    });
    this.#cardId = card.id;
    this.#rows = rows ?? maxRows ?? usualRows;
  }

  override async load(...options: Parameters<Engine['load']>): ReturnType<Engine['load']> {
    const facts = await this.#learn(super.load(...options));
    this.#rows = facts.concurrency;
    return facts;
  }

  override generate(...asked: Parameters<Engine['generate']>): ReturnType<Engine['generate']> {
    return this.#learn(super.generate(...asked));
  }

  override score(...asked: Parameters<Score>): ReturnType<Score> {
    return this.#learn(super.score(...asked));
  }

  override dispose(): Promise<void> {
    this.#isEnded = true;
    return super.dispose();
  }

  async #learn<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof EngineLostError && !this.#isEnded) {
        this.#isEnded = true;
        rowLimits.set(this.#cardId, Math.max(1, Math.floor(this.#rows / 2)));
      }
      throw error;
    }
  }
}
