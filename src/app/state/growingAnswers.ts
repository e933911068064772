import type { AssistantTurn } from '../../core/chat.ts';
import { adaptersOf } from '../../core/dial.ts';
import { runLanes } from '../../core/lanes.ts';
import { type ModelCard, engineKeyOf } from '../../core/model.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Message } from '../../core/ports/engine.ts';
import {
  type AnswerState,
  type Asking,
  type AskOptions,
  GrowingAnswer,
  type LoadedEngine,
} from './growingAnswer.svelte.ts';

/** Answers to one question that grow at once, by one model or by several; a single answer is a set of one. */
export class GrowingAnswers {
  readonly #answers: readonly GrowingAnswer[];

  /** `parent`: the question's id. */
  constructor(parent: string, askings: readonly Asking[], clock: Clock) {
    this.#answers = askings.map((asking) => new GrowingAnswer(parent, asking, clock));
  }

  /** All, in the order in which they were asked for, also those that still wait. */
  get turns(): readonly AssistantTurn[] {
    return this.#answers.map(({ turn }) => turn);
  }

  /** What is worth storing so far. Where nothing has come of any, a failure is none's own. */
  get kept(): readonly AssistantTurn[] {
    if (!this.#answers.some(({ hasCome }) => hasCome)) return [];
    return this.#answers
      .filter(({ hasCome, state }) => hasCome || state === 'failed')
      .map(({ turn }) => turn);
  }

  /** Undefined for a turn that is none of these. */
  stateOf(turnId: string): AnswerState | undefined {
    return this.#answers.find(({ turn }) => turn.id === turnId)?.state;
  }

  /**
   * Resolves when each is whole, stopped or failed. Two local models may not fit into memory, so one engine answers
   * after the other. `messagesFor`: what an asking sends. Errors: those of `load`; that of the first answer where nothing has come of any.
   */
  async ask(
    messagesFor: (asking: Asking) => readonly Message[],
    load: (card: ModelCard) => Promise<LoadedEngine>,
    options: AskOptions,
  ): Promise<void> {
    const engines = new Map(this.#answers.map(({ asking: { card } }) => [engineKeyOf(card), card]));
    for (const [key, card] of engines) {
      const own = this.#answers.filter(({ asking }) => engineKeyOf(asking.card) === key);
      const loaded = await load(card);
      await runLanes(own, loaded.facts.concurrency, (answer) =>
        answer.ask(loaded, requestOf(messagesFor(answer.asking), answer.asking), options),
      );
    }
    const failed = this.#answers.find(({ state }) => state === 'failed');
    if (failed && this.kept.length === 0) throw failed.error;
  }
}

function requestOf(messages: readonly Message[], { card, sampling, seed }: Asking) {
  return { messages, sampling, seed, ...adaptersOf(card) };
}
