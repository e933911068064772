import type { Generation, GenerationRequest } from '../../core/ports/engine.ts';
import type { StopText } from '../stopText.ts';
import { createSampler, type Sampler } from './sampling.ts';

/** The text that a token adds to those before it: none while a character is not whole. */
export type DecodeToken = (token: number) => string;

interface AnswerOptions {
  readonly request: GenerationRequest;
  /** Token ids of the whole prompt. */
  readonly prompt: readonly number[];
  readonly scales: readonly number[];
  readonly decode: DecodeToken;
  /** Empty; ends before the request's and the model's stop texts. */
  readonly text: StopText;
  readonly endTokens: ReadonlySet<number>;
  readonly contextTokens: number;
  /** When it was admitted, on the clock of `accept`. */
  readonly startMs: number;
}

/** An answer in the making: draws its tokens and knows when it ends. */
export class Answer {
  readonly prompt: readonly number[];
  /** Positions in its keys and values; whoever reads `token` makes it one more. */
  length: number;
  /** The token that the next step reads. */
  token = 0;
  /** Strength of each adapter of the model. */
  readonly scales: readonly number[];
  #finish: 'stop' | 'length' | null = null;
  readonly #options: AnswerOptions;
  readonly #draw: Sampler;
  readonly #text: StopText;
  readonly #timesMs: number[] = [];
  #lastMs = 0;

  constructor(options: AnswerOptions) {
    const { sampling, seed } = options.request;
    this.#options = options;
    this.prompt = options.prompt;
    this.length = options.prompt.length;
    this.scales = options.scales;
    this.#draw = createSampler({ ...sampling, seed });
    this.#text = options.text;
  }

  get finished(): boolean {
    return this.#finish !== null;
  }

  /** Tokens that it may have at most. */
  get maxTokens(): number {
    return this.#options.request.sampling.maxTokens;
  }

  get tokens(): number {
    return this.#timesMs.length;
  }

  /** The text that may be shown while it grows; at the end all of it. */
  get shown(): string {
    return this.finished ? this.#text.text : this.#text.shown;
  }

  /** Draws the next token from the logits after the row's last position. */
  accept(logits: Float32Array, nowMs: number): void {
    const { request, decode, endTokens, contextTokens, startMs } = this.#options;
    this.#lastMs = nowMs - startMs;
    this.token = this.#draw(logits);
    if (endTokens.has(this.token)) {
      this.#finish = 'stop';
      return;
    }
    this.#timesMs.push(this.#lastMs);
    this.#text.push(decode(this.token));
    if (this.#text.stopped) this.#finish = 'stop';
    else if (this.tokens >= request.sampling.maxTokens || this.length >= contextTokens)
      this.#finish = 'length';
  }

  /** `width`: rows decoded together when it was admitted. */
  result(width: number): Generation {
    return {
      text: this.#text.text,
      finish: this.#finish ?? 'length',
      promptTokens: this.prompt.length,
      tokens: this.tokens,
      durationMs: this.#lastMs,
      tokenTimesMs: this.#timesMs,
      width,
    };
  }
}
