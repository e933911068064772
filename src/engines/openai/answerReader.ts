import type { Generation, GenerationRequest } from '../../core/ports/engine.ts';
import type { AnswerChunk } from '../../protocols/openai/modelServer.ts';
import { StopText } from '../stopText.ts';
import { TokenTimeline } from '../tokenTimeline.ts';
import { LogprobReader } from './logprobReader.ts';

/** `reasoning_content` is vLLM's and llama.cpp's word for a model's thoughts, `reasoning` OpenRouter's. */
interface Delta {
  readonly content?: string | null;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
}

/** Puts the pieces of one streamed answer together. */
export class AnswerReader {
  readonly #text: StopText;
  readonly #logprobs: LogprobReader | null;
  /** Of the stream's pieces, since a server does not tell its tokens. */
  readonly #timeline = new TokenTimeline();
  #finish: string | null = null;
  #usage: { readonly promptTokens: number; readonly tokens: number } | null = null;
  #reasoned = false;

  constructor({ sampling, logprobs }: GenerationRequest) {
    this.#text = new StopText(sampling.stop);
    this.#logprobs = logprobs ? new LogprobReader(logprobs.named) : null;
  }

  /** What may be shown already. */
  get shown(): string {
    return this.#text.shown;
  }

  /** The text once the answer is whole: nothing is held back any more. */
  get whole(): string {
    return this.#text.text;
  }

  get pieces(): number {
    return this.#timeline.tokens;
  }

  /** Whether nothing more is wanted: a stop text was met that the server let through. */
  get isOver(): boolean {
    return this.#text.stopped;
  }

  /** Whether the server said that the answer is whole. A stream that merely ends may have been cut. */
  get isWhole(): boolean {
    return this.#finish !== null || this.#text.stopped;
  }

  /** True when the chunk brought text. */
  read({ usage, choices }: AnswerChunk, atMs: number): boolean {
    if (usage) this.#usage = { promptTokens: usage.prompt_tokens, tokens: usage.completion_tokens };
    // Servers send a last chunk without choices, and some a choice without a delta.
    const [choice] = choices ?? [];
    this.#logprobs?.read(choice);
    return this.#readText(choice, atMs);
  }

  #readText(choice: AnswerChunk['choices'][number] | undefined, atMs: number): boolean {
    const delta = (choice?.delta ?? {}) as Delta;
    this.#finish = choice?.finish_reason ?? this.#finish;
    if (delta.reasoning_content || delta.reasoning) this.#reasoned = true;
    if (!delta.content) return false;
    this.#text.push(delta.content);
    this.#timeline.push(atMs, this.#text.shown);
    return true;
  }

  /** The answer, once {@link isWhole}. `promptChars` stands in for a token count that the server did not send. */
  answer(options: {
    readonly promptChars: number;
    readonly durationMs: number;
    readonly notes: readonly string[];
  }): Generation {
    const { promptChars, durationMs, notes } = options;
    const finish = this.#finish === 'length' && !this.#text.stopped ? 'length' : 'stop';
    const logprobs = this.#logprobs?.told;
    return {
      text: this.#text.text,
      finish,
      promptTokens: this.#usage?.promptTokens ?? Math.ceil(promptChars / 4),
      tokens: this.#usage?.tokens ?? this.pieces,
      durationMs,
      ...this.#timeline.result(this.#text.text),
      width: 1,
      ...(logprobs && { logprobs }),
      notes: [...notes, ...this.#notes()],
    };
  }

  #notes(): string[] {
    return [
      ...(this.#usage
        ? []
        : [
            'The server sent no token counts: the pieces of the stream were counted, and the prompt was estimated.',
          ]),
      ...(this.#logprobs && !this.#logprobs.told
        ? ['The server told no log-probabilities, although it was asked for them.']
        : []),
      ...(this.#reasoned
        ? ['The model reasoned before it answered; the reasoning is not part of the text.']
        : []),
      ...(this.#finish === 'content_filter' ? ["The server's content filter cut this answer."] : []),
    ];
  }
}
