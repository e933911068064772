import { EngineError } from '../core/errors.ts';
import { type ModelCard, engineKeyOf } from '../core/model.ts';
import type { Engine } from '../core/ports/engine.ts';

/** Makes the engine of a card; by `card.engine`. */
export type EngineMakers = {
  readonly [Kind in ModelCard['engine']]: (card: Extract<ModelCard, { engine: Kind }>) => Promise<Engine>;
};

/** The engines that are open, one for each set of weights. An engine's code is fetched with its first model. */
export class EngineRegistry {
  readonly #makers: EngineMakers;
  readonly #localModels: number;
  readonly #open = new Map<string, { readonly card: ModelCard; readonly engine: Promise<Engine> }>();

  /** `localModels` are held in this machine's memory at once; two of them seldom fit a laptop. */
  constructor(makers: EngineMakers, { localModels = 1 }: { readonly localModels?: number } = {}) {
    this.#makers = makers;
    this.#localModels = localModels;
  }

  /** Keys of the open engines, see {@link engineKeyOf}; the one that was opened first stands first. */
  get openKeys(): readonly string[] {
    return [...this.#open.keys()];
  }

  /**
   * The engine that serves a card; local ones above the limit are closed first, oldest first. `fresh` gives a
   * new one in place of one that was lost. Errors: {@link EngineError} for a kind that nobody knows.
   */
  async open(card: ModelCard, { fresh = false }: { readonly fresh?: boolean } = {}): Promise<Engine> {
    if (!Object.hasOwn(this.#makers, card.engine)) throw unknownKind(card);
    const key = engineKeyOf(card);
    const known = this.#open.get(key);
    if (known && !fresh) return known.engine;
    // Noted down before anything is awaited, so that a second call at the same time gets the same engine.
    const closed = [key, ...this.#surplus(card)].map((old) => this.#closeKey(old));
    const engine = Promise.all(closed).then(() => this.#make(card));
    const entry = { card, engine };
    this.#open.set(key, entry);
    engine.catch(() => {
      if (this.#open.get(key) === entry) this.#open.delete(key);
    });
    return engine;
  }

  /** Frees what a card's engine holds. Other cards of the same weights lose it too. */
  close(card: ModelCard): Promise<void> {
    return this.#closeKey(engineKeyOf(card));
  }

  /** Frees everything. */
  async closeAll(): Promise<void> {
    await Promise.all(this.openKeys.map((key) => this.#closeKey(key)));
  }

  /** The local engines that have to go before this one comes. */
  #surplus(card: ModelCard): readonly string[] {
    if (!isLocal(card)) return [];
    const own = engineKeyOf(card);
    const others = [...this.#open].filter(([key, entry]) => key !== own && isLocal(entry.card));
    return others.slice(0, Math.max(0, others.length + 1 - this.#localModels)).map(([key]) => key);
  }

  async #closeKey(key: string): Promise<void> {
    const entry = this.#open.get(key);
    this.#open.delete(key);
    const engine = await entry?.engine.catch(() => null);
    await engine?.dispose();
  }

  #make(card: ModelCard): Promise<Engine> {
    // TypeScript cannot tell that a card's kind and its maker's are the same.
    const make = this.#makers[card.engine] as (card: ModelCard) => Promise<Engine>;
    return make(card);
  }
}

function unknownKind(card: ModelCard): EngineError {
  return new EngineError(
    `Nothing here can run "${card.name}": its engine "${String(card.engine)}" is not known to this version. ` +
      'Update the app, or choose another model.',
  );
}

/** Whether a card's model fills this machine's own memory. */
function isLocal(card: ModelCard): boolean {
  return card.engine !== 'openai';
}
