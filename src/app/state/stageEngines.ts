import { EngineError } from '../../core/errors.ts';
import { type ModelCard, engineKeyOf } from '../../core/model.ts';
import type { Engine, GenerationRequest } from '../../core/ports/engine.ts';
import type { CollectPorts } from './cellsState.svelte.ts';
import { StallWatch } from './stallWatch.ts';

/** The first answer ever may have to wait for shaders that are compiled; one that takes longer never comes. */
const warmUpMs = 6_000;

/** How soon the engines of a stage give a sign of life, so that one which hangs is told from one which is slow. */
export class StageEngines {
  readonly #openEngine: CollectPorts['openEngine'];
  /** By the engine's key. */
  readonly #usualMs = new Map<string, Promise<number>>();

  constructor(openEngine: CollectPorts['openEngine']) {
    this.#openEngine = openEngine;
  }

  /**
   * Milliseconds from a request to its first sign. An engine that nobody has asked yet says one word, which is not
   * heard. Errors: as {@link Engine.generate}; one that hangs is loaded anew.
   */
  usualMs(card: ModelCard, engine: Engine, request: GenerationRequest): Promise<number> {
    const key = engineKeyOf(card);
    const known = this.#usualMs.get(key) ?? this.#warmUp(card, engine, request);
    this.#usualMs.set(key, known);
    known.catch(() => this.#usualMs.delete(key));
    return known;
  }

  learn(card: ModelCard, firstSignMs: number): void {
    this.#usualMs.set(engineKeyOf(card), Promise.resolve(firstSignMs));
  }

  /** For the next question. Where that fails too, the engine's status says so, and the next question meets it. */
  loadAgain(card: ModelCard): void {
    const load = async (): Promise<void> => {
      const engine = await this.#openEngine(card, { fresh: true });
      await engine.load();
    };
    load().catch(() => undefined);
  }

  #warmUp(card: ModelCard, engine: Engine, request: GenerationRequest): Promise<number> {
    return new Promise((resolve, reject) => {
      const watch = new StallWatch(() => {
        reject(new EngineError('The model did not say its first word.'));
        this.loadAgain(card);
      });
      watch.begin(0);
      watch.expectWithin(warmUpMs);
      const sign = (): void => {
        watch.read();
        watch.end();
        resolve(watch.firstSignMs ?? 0);
      };
      const word = { ...request, sampling: { ...request.sampling, maxTokens: 1 } };
      engine
        .generate(word, { onRead: sign, onText: sign })
        .then(sign, reject)
        .finally(() => watch.end());
    });
  }
}
