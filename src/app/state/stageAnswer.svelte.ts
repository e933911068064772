import { abortable } from '../../core/abortable.ts';
import { sentenceOf } from '../../core/errors.ts';
import type { RolloutSpec } from '../../core/plan.ts';
import type { Engine, Generation } from '../../core/ports/engine.ts';

export type StageSource = 'live' | 'recorded';
export type StageAnswerState = 'waiting' | 'speaking' | 'done' | 'stopped' | 'failed';

/** Longer runs without a space are no words: a language that has none, or noise. */
const longestWord = 24;

interface AskOptions {
  readonly signal: AbortSignal;
  /** After each part of the prompt. */
  readonly onRead?: () => void;
  readonly onText: () => void;
}

/** One answer on stage, as far as it has come. */
export class StageAnswer {
  readonly spec: RolloutSpec;
  #text = $state.raw('');
  #state = $state.raw<StageAnswerState>('waiting');
  #source = $state.raw<StageSource | null>(null);
  #error = $state.raw('');
  /** Counts what was asked: what an earlier engine still says, or fails of, is not heard any more. */
  #asking = 0;

  constructor(spec: RolloutSpec) {
    this.spec = spec;
  }

  get #isGrowing(): boolean {
    return this.#state === 'speaking' || this.#state === 'waiting';
  }
  /** Whole words while it grows: half a word that wraps when its rest comes would jump to the next line. */
  readonly #shown = $derived.by(() => (this.#isGrowing ? wholeWords(this.#text) : this.#text));
  get text(): string {
    return this.#text;
  }
  get shown(): string {
    return this.#shown;
  }
  get state(): StageAnswerState {
    return this.#state;
  }
  /** Null until it was asked for. */
  get source(): StageSource | null {
    return this.#source;
  }
  /** A sentence; empty where nothing is wrong. */
  get error(): string {
    return this.#error;
  }

  reset(): void {
    this.#asking += 1;
    this.#text = '';
    this.#state = 'waiting';
    this.#source = null;
    this.#error = '';
  }

  /** Errors: as {@link Engine.generate}; what came until then stays. */
  async ask(
    engine: Engine,
    source: StageSource,
    { signal, onRead, onText }: AskOptions,
  ): Promise<Generation> {
    const asking = ++this.#asking;
    this.#source = source;
    this.#state = 'waiting';
    const hear = (text: string): void => {
      if (asking !== this.#asking || signal.aborted) return;
      this.#text = text;
      this.#state = 'speaking';
      onText();
    };
    try {
      signal.throwIfAborted();
      // A dead engine may not even notice that it is stopped.
      const work = engine.generate(this.spec.request, { signal, ...(onRead && { onRead }), onText: hear });
      const generation = await abortable(work, signal);
      hear(generation.text);
      this.#set(asking, 'done');
      return generation;
    } catch (error) {
      this.#set(asking, 'stopped');
      throw error;
    }
  }

  fail(error: unknown): void {
    this.#error = sentenceOf(error);
    this.#state = 'failed';
  }

  #set(asking: number, state: StageAnswerState): void {
    if (asking === this.#asking) this.#state = state;
  }
}

function wholeWords(text: string): string {
  const rest = /\S+$/.exec(text)?.[0] ?? '';
  return rest.length > longestWord ? text : text.slice(0, text.length - rest.length);
}
