import type { Generation, GenerationRequest, TokenLogprobs } from '../../core/ports/engine.ts';
import type { StopText } from '../stopText.ts';
import { TokenTimeline } from '../tokenTimeline.ts';
import type { Row } from './batchRows.ts';
import { logSoftmax } from './logSoftmax.ts';
import { penaliseRepeats } from './penaliseRepeats.ts';
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
  /** Tokens whose log-probabilities are wanted beside the answer's own; null when none are. */
  readonly named: readonly number[] | null;
}

/** An answer in the making: draws its tokens and knows when it ends. */
export class Answer implements Row {
  readonly prompt: readonly number[];
  length: number;
  token = 0;
  readonly scales: readonly number[];
  readonly isGiven = false;
  #finish: 'stop' | 'length' | null = null;
  readonly #options: AnswerOptions;
  readonly #draw: Sampler;
  readonly #text: StopText;
  readonly #penalty: number;
  /** Tokens of prompt and answer; empty without a penalty. */
  readonly #seen: Set<number>;
  /** For each token: its own, then of the named ones. */
  readonly #logprobs: number[][] = [];
  readonly #timeline = new TokenTimeline();
  #lastMs = 0;

  constructor(options: AnswerOptions) {
    const { sampling, seed } = options.request;
    this.#options = options;
    this.prompt = options.prompt;
    this.length = options.prompt.length;
    this.scales = options.scales;
    this.#draw = createSampler({ ...sampling, seed });
    this.#text = options.text;
    this.#penalty = sampling.repetitionPenalty ?? 1;
    this.#seen = new Set(this.#penalty === 1 ? [] : options.prompt);
  }

  get finished(): boolean {
    return this.#finish !== null;
  }

  get maxTokens(): number {
    return this.#options.request.sampling.maxTokens;
  }

  get tokens(): number {
    return this.#timeline.tokens;
  }

  /** The text that may be shown while it grows; at the end all of it. */
  get shown(): string {
    return this.finished ? this.#text.text : this.#text.shown;
  }

  accept(logits: Float32Array, elapsedMs: number): void {
    const { decode, endTokens, contextTokens, named } = this.#options;
    this.#lastMs = elapsedMs;
    this.token = this.#drawPenalised(logits);
    if (endTokens.has(this.token)) {
      this.#finish = 'stop';
      return;
    }
    if (named) this.#logprobs.push(logSoftmax(logits, [this.token, ...named]));
    this.#text.push(decode(this.token));
    this.#timeline.push(elapsedMs, this.#text.shown);
    if (this.#text.stopped) this.#finish = 'stop';
    else if (this.tokens >= this.maxTokens || this.length >= contextTokens) this.#finish = 'length';
  }

  /** `width`: rows decoded together when it was admitted. */
  result(width: number): Generation {
    return {
      text: this.#text.text,
      finish: this.#finish ?? 'length',
      promptTokens: this.prompt.length,
      tokens: this.tokens,
      durationMs: this.#lastMs,
      ...this.#timeline.result(this.#text.text),
      width,
      ...(this.#options.named && { logprobs: this.#columns(this.#options.named.length) }),
    };
  }

  #drawPenalised(logits: Float32Array): number {
    if (this.#penalty === 1) return this.#draw(logits);
    const token = this.#draw(penaliseRepeats(logits, this.#seen, this.#penalty));
    this.#seen.add(token);
    return token;
  }

  #columns(named: number): TokenLogprobs {
    const column = (index: number) => this.#logprobs.map((values) => values[index] as number);
    return { chosen: column(0), named: Array.from({ length: named }, (_, index) => column(index + 1)) };
  }
}
