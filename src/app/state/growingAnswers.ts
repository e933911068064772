import type { AssistantTurn } from '../../core/chat.ts';
import { adaptersOf } from '../../core/dial.ts';
import { EngineError } from '../../core/errors.ts';
import { runLanes } from '../../core/lanes.ts';
import { type ModelCard, engineKeyOf } from '../../core/model.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Engine, GenerationRequest, Message } from '../../core/ports/engine.ts';
import { type FindRecording, recordingOfRollout } from '../../core/recordings.ts';
import type { DoneRollout } from '../../core/rollout.ts';
import {
  type AnswerState,
  type Asking,
  type AskOptions,
  GrowingAnswer,
  type LoadedEngine,
} from './growingAnswer.svelte.ts';

/** Where answers come from. */
export interface AnswerSource {
  readonly load: (card: ModelCard) => Promise<LoadedEngine>;
  /** A stored answer of the model with this id; null where there is none. */
  readonly findAnswer: (model: string, request: GenerationRequest) => Promise<DoneRollout | null>;
  /** An engine that says it again. */
  readonly openRecorded: (find: FindRecording) => Engine;
}

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
   * after the other; recordings, which need none, are said meanwhile. `messagesFor`: what an asking sends.
   * Errors: those of `load`; that of the first answer where nothing has come of any.
   */
  async ask(
    messagesFor: (asking: Asking) => readonly Message[],
    { load, findAnswer, openRecorded }: AnswerSource,
    options: AskOptions,
  ): Promise<void> {
    const requestFor = ({ asking }: GrowingAnswer) => requestOf(messagesFor(asking), asking);
    const replay = async (answer: GrowingAnswer): Promise<void> => {
      const { card } = answer.asking;
      const request = requestFor(answer);
      const rollout = await findAnswer(card.id, request);
      if (!rollout) return answer.fail(new EngineError(nothingRecorded(card)), options.onGrowth);
      const engine = openRecorded(async () => recordingOfRollout(rollout));
      await answer.replay(rollout, engine, request, options);
    };
    const recorded = this.#answers.filter(({ asking }) => asking.isRecorded);
    const live = this.#answers.filter(({ asking }) => !asking.isRecorded);
    const engines = new Map(live.map(({ asking: { card } }) => [engineKeyOf(card), card]));
    const askLive = async (): Promise<void> => {
      for (const [key, card] of engines) {
        const own = live.filter(({ asking }) => engineKeyOf(asking.card) === key);
        const loaded = await load(card);
        await runLanes(own, loaded.facts.concurrency, (answer) =>
          answer.ask(loaded, requestFor(answer), options),
        );
      }
    };
    // Each to its end, also where another fails.
    const ends = await Promise.allSettled([askLive(), ...recorded.map(replay)]);
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken) throw broken.reason;
    const failed = this.#answers.find(({ state }) => state === 'failed');
    if (failed && this.kept.length === 0) throw failed.error;
  }
}

function nothingRecorded({ persona, name }: ModelCard): string {
  return (
    `${persona ?? name} has no recording of this question with this system prompt and nothing said before. ` +
    'Record it in a run or a talk, or let this pane ask the model.'
  );
}

function requestOf(messages: readonly Message[], { card, sampling, seed }: Asking) {
  return { messages, sampling, seed, ...adaptersOf(card) };
}
