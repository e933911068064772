import type { AssistantTurn, Turn } from '../../core/chat.ts';
import { type ModelCard, fingerprintOf } from '../../core/model.ts';
import { type Clock, timestamp } from '../../core/ports/clock.ts';
import type { EngineFacts, Generation, Sampling } from '../../core/ports/engine.ts';

/** Who is asked, and how. */
export interface Asking {
  readonly card: ModelCard;
  readonly sampling: Sampling;
  readonly seed: number;
}

/** An answer from its first token to its record. */
export class GrowingAnswer {
  readonly #base: Omit<AssistantTurn, 'content' | 'finish' | 'tokens' | 'durationMs'>;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #text = '';
  #tokens = 0;

  constructor(question: Turn, { card, sampling, seed }: Asking, facts: EngineFacts, clock: Clock) {
    const { temperature, topP, maxTokens } = sampling;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#base = {
      ...{ id: crypto.randomUUID(), parent: question.id, createdAt: timestamp(clock), role: 'assistant' },
      ...{ model: card.id, modelFingerprint: fingerprintOf(card), temperature, topP, maxTokens, seed },
      device: facts.device,
      ...notesOf(facts.notes),
    };
  }

  get isEmpty(): boolean {
    return this.#tokens === 0;
  }

  grow(text: string, tokens: number): void {
    this.#text = text;
    this.#tokens = tokens;
  }

  /** As if it were stopped now: so it is found when the tab dies. */
  partial(): AssistantTurn {
    const durationMs = this.#clock.now() - this.#startedAt;
    return { ...this.#base, content: this.#text, finish: 'stopped', tokens: this.#tokens, durationMs };
  }

  failed(error: string): AssistantTurn {
    return { ...this.partial(), finish: 'failed', error };
  }

  whole({ text, finish, tokens, durationMs, tokenTimesMs, notes = [] }: Generation): AssistantTurn {
    const times = tokenTimesMs ? { tokenTimesMs: [...tokenTimesMs] } : {};
    const all = notesOf([...(this.#base.notes ?? []), ...notes]);
    return { ...this.#base, content: text, finish, tokens, durationMs, ...times, ...all };
  }
}

function notesOf(notes: readonly string[]): { notes?: string[] } {
  return notes.length === 0 ? {} : { notes: [...new Set(notes)] };
}
