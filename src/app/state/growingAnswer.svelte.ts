import type { AssistantTurn } from '../../core/chat.ts';
import { isAbort, sentenceOf } from '../../core/errors.ts';
import { type ModelCard, fingerprintOf } from '../../core/model.ts';
import { type Clock, timestamp } from '../../core/ports/clock.ts';
import type {
  Engine,
  EngineFacts,
  Generation,
  GenerationRequest,
  Sampling,
} from '../../core/ports/engine.ts';
import type { DoneRollout } from '../../core/rollout.ts';

/** Who is asked, and how. */
export interface Asking {
  readonly card: ModelCard;
  readonly sampling: Sampling;
  readonly seed: number;
  /** The pane of a comparison that the answer stands in. */
  readonly pane?: string | undefined;
  /** A stored answer is given again, and no model asked. */
  readonly isRecorded?: boolean | undefined;
}

/** `stopped`: given up before its end, by the user. */
export type AnswerState = 'waiting' | 'answering' | 'done' | 'stopped' | 'failed';

export interface LoadedEngine {
  readonly engine: Engine;
  readonly facts: EngineFacts;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Comes with every piece of text, and once more at the end. */
  readonly onGrowth: (answer: GrowingAnswer) => void;
}

/** One answer from its request to its record. */
export class GrowingAnswer {
  readonly asking: Asking;
  readonly #clock: Clock;
  #turn = $state.raw() as AssistantTurn;
  #state = $state.raw<AnswerState>('waiting');
  #error: unknown = null;

  /** `parent`: the question's id. */
  constructor(parent: string, asking: Asking, clock: Clock) {
    const { card, sampling, seed, pane } = asking;
    const { temperature, topP, maxTokens } = sampling;
    this.asking = asking;
    this.#clock = clock;
    this.#turn = {
      ...{ id: crypto.randomUUID(), parent, createdAt: timestamp(clock), role: 'assistant' },
      ...{ model: card.id, modelFingerprint: fingerprintOf(card), temperature, topP, maxTokens, seed },
      ...(pane === undefined ? {} : { pane }),
      // As if it were stopped now: so it is found when the tab dies.
      ...{ content: '', finish: 'stopped', tokens: 0, durationMs: 0 },
    };
  }

  /** As it is now. */
  get turn(): AssistantTurn {
    return this.#turn;
  }
  get state(): AnswerState {
    return this.#state;
  }
  /** What it failed of; null while it has not. */
  get error(): unknown {
    return this.#error;
  }
  /** Whether there is anything to keep of it. */
  get hasCome(): boolean {
    return this.#turn.tokens > 0 || this.#state === 'done';
  }

  /** Resolves when the answer is whole, stopped or failed; never throws: see `state`. */
  async ask({ engine, facts }: LoadedEngine, request: GenerationRequest, options: AskOptions): Promise<void> {
    const { signal, onGrowth } = options;
    const startedAt = this.#clock.now();
    this.#turn = { ...this.#turn, device: facts.device, ...notesOf(facts.notes) };
    const onText = (content: string, tokens: number): void => {
      this.#state = 'answering';
      this.#turn = { ...this.#turn, content, tokens, durationMs: this.#clock.now() - startedAt };
      onGrowth(this);
    };
    try {
      signal.throwIfAborted();
      this.#finish(await engine.generate(request, { signal, onText }));
    } catch (error) {
      if (signal.aborted && (isAbort(error) || error === signal.reason)) this.#state = 'stopped';
      else this.#fail(error);
    }
    onGrowth(this);
  }

  /** Says a stored answer again. Never throws, as {@link ask}. */
  async replay(rollout: DoneRollout, engine: Engine, request: GenerationRequest, options: AskOptions) {
    const facts = { ...(await engine.load()), device: rollout.engine.device, notes: [] };
    const { modelFingerprint, temperature, topP, maxTokens, seed, createdAt } = rollout;
    const asked = { modelFingerprint, temperature, topP, maxTokens, seed };
    this.#turn = { ...this.#turn, ...asked, recordedAt: createdAt };
    await this.ask({ engine, facts }, request, options);
  }

  fail(error: unknown, onGrowth: AskOptions['onGrowth']): void {
    this.#fail(error);
    onGrowth(this);
  }

  #finish(generation: Generation): void {
    const { text, finish, promptTokens, tokens, durationMs, tokenTimesMs, tokenEnds, notes } = generation;
    this.#turn = {
      ...this.#turn,
      ...{ content: text, finish, promptTokens, tokens, durationMs },
      ...(tokenTimesMs && { tokenTimesMs: [...tokenTimesMs] }),
      ...(tokenEnds && { tokenEnds: [...tokenEnds] }),
      // What a recording has to say of itself is shown as its badge.
      ...notesOf(this.#turn.recordedAt ? [] : [...(this.#turn.notes ?? []), ...(notes ?? [])]),
    };
    this.#state = 'done';
  }

  #fail(error: unknown): void {
    this.#turn = { ...this.#turn, finish: 'failed', error: sentenceOf(error) };
    this.#error = error;
    this.#state = 'failed';
  }
}

function notesOf(notes: readonly string[]): { notes?: string[] } {
  return notes.length === 0 ? {} : { notes: [...new Set(notes)] };
}
