import { EngineError, EngineLostError, isAbort, sentenceOf } from '../../core/errors.ts';
import { type ModelCard, engineKeyOf } from '../../core/model.ts';
import type { Engine, EngineFacts, LoadProgress, Score } from '../../core/ports/engine.ts';

export type EngineStatus =
  | { readonly state: 'idle' }
  | { readonly state: 'loading'; readonly progress: LoadProgress | null }
  | { readonly state: 'ready'; readonly facts: EngineFacts; readonly tokensPerSecond: number | null }
  | { readonly state: 'failed'; readonly error: string };

/** Where engines come from: engines/registry.ts. */
export interface EngineSource {
  readonly openKeys: readonly string[];
  open(card: ModelCard, options?: { readonly fresh?: boolean }): Promise<Engine>;
  close(card: ModelCard): Promise<void>;
}

const idle: EngineStatus = { state: 'idle' };
/** Enough to tell a slow machine from a fast one within seconds. */
const warmUpTokens = 20;

/** The models in memory: which are loaded, how far a load is, and what went wrong. */
export class EnginesState {
  readonly #source: EngineSource;
  readonly #loads = new Map<string, AbortController>();
  readonly #busy = new Map<string, { readonly card: ModelCard; count: number }>();
  #statuses = $state.raw<Readonly<Record<string, EngineStatus>>>({});

  constructor(source: EngineSource) {
    this.#source = source;
  }

  statusOf(card: ModelCard): EngineStatus {
    return this.#statuses[engineKeyOf(card)] ?? idle;
  }

  /**
   * The engine of a card, watched: whoever loads it, its progress is seen here. One that failed is made anew.
   * Errors: {@link EngineError} when another local model is at work and would have to give way.
   */
  async open(card: ModelCard, options: { readonly fresh?: boolean } = {}): Promise<Engine> {
    this.#refuseToEvict(card);
    const fresh = options.fresh === true || this.statusOf(card).state === 'failed';
    const engine = await this.#source.open(card, { fresh });
    const openKeys = new Set(this.#source.openKeys);
    this.#statuses = Object.fromEntries(Object.entries(this.#statuses).filter(([key]) => openKeys.has(key)));
    if (fresh) this.#set(card, idle);
    return {
      load: (load = {}) => this.#load(card, engine, load),
      generate: (...call) => this.#work(card, () => engine.generate(...call)),
      ...(engine.score && { score: this.#watchedScore(card, engine.score.bind(engine)) }),
      dispose: () => this.unload(card),
    };
  }

  /** Opens and loads; resolves when that has worked, failed or been cancelled. Never throws: see the status. */
  async load(card: ModelCard): Promise<void> {
    if (this.statusOf(card).state === 'loading') return;
    const controller = new AbortController();
    this.#loads.set(engineKeyOf(card), controller);
    try {
      const engine = await this.open(card);
      await engine.load({ signal: controller.signal });
    } catch (error) {
      if (!controller.signal.aborted) this.#set(card, { state: 'failed', error: sentenceOf(error) });
    } finally {
      this.#loads.delete(engineKeyOf(card));
    }
  }

  /** Gives up a load that the user began, and what it had fetched. */
  async cancel(card: ModelCard): Promise<void> {
    this.#loads.get(engineKeyOf(card))?.abort(new DOMException('Loading was cancelled.', 'AbortError'));
    await this.unload(card);
  }

  async unload(card: ModelCard): Promise<void> {
    await this.#source.close(card);
    this.#set(card, idle);
  }

  /** Measures the speed of a loaded model with one short answer. Errors: as {@link Engine.generate}. */
  async warmUp(card: ModelCard): Promise<void> {
    const engine = await this.open(card);
    const facts = await engine.load();
    const { tokens, durationMs } = await engine.generate({
      messages: [{ role: 'user', content: 'Count from one to twenty.' }],
      sampling: { temperature: 0, topP: 1, maxTokens: warmUpTokens, stop: [] },
      seed: 1,
    });
    const tokensPerSecond = durationMs > 0 ? tokens / (durationMs / 1000) : null;
    this.#set(card, { state: 'ready', facts, tokensPerSecond });
  }

  async #load(
    card: ModelCard,
    engine: Engine,
    options: NonNullable<Parameters<Engine['load']>[0]>,
  ): Promise<EngineFacts> {
    if (this.statusOf(card).state !== 'ready') this.#set(card, { state: 'loading', progress: null });
    try {
      const facts = await engine.load({
        ...options,
        onProgress: (progress) => {
          this.#set(card, { state: 'loading', progress });
          options.onProgress?.(progress);
        },
      });
      if (this.statusOf(card).state !== 'ready')
        this.#set(card, { state: 'ready', facts, tokensPerSecond: null });
      return facts;
    } catch (error) {
      const isGivenUp = isAbort(error) || options.signal?.aborted;
      this.#set(card, isGivenUp ? idle : { state: 'failed', error: sentenceOf(error) });
      throw error;
    }
  }

  #watchedScore(card: ModelCard, score: Score): Score {
    return (...call) => this.#work(card, () => score(...call));
  }

  async #work<T>(card: ModelCard, ask: () => Promise<T>): Promise<T> {
    const key = engineKeyOf(card);
    const busy = this.#busy.get(key) ?? { card, count: 0 };
    this.#busy.set(key, busy);
    busy.count += 1;
    try {
      return await ask();
    } catch (error) {
      if (error instanceof EngineLostError) this.#set(card, { state: 'failed', error: error.message });
      throw error;
    } finally {
      busy.count -= 1;
      if (busy.count === 0) this.#busy.delete(key);
    }
  }

  #refuseToEvict(card: ModelCard): void {
    if (card.engine === 'openai') return;
    const key = engineKeyOf(card);
    const other = [...this.#busy].find(([busyKey, busy]) => busyKey !== key && busy.card.engine !== 'openai');
    if (!other) return;
    throw new EngineError(
      `${other[1].card.name} is still answering, and two local models do not fit into memory. ` +
        `Stop it or wait, then load ${card.name}.`,
    );
  }

  #set(card: ModelCard, status: EngineStatus): void {
    this.#statuses = { ...this.#statuses, [engineKeyOf(card)]: status };
  }
}
