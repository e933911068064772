import { EngineError } from '../../core/errors.ts';
import type { AdapterScale, GenerationRequest, Message, ScoreRequest } from '../../core/ports/engine.ts';
import { StopText } from '../stopText.ts';
import { Answer } from './answer.ts';
import { Continuation } from './continuation.ts';
import type { PromptFormat } from './promptFormat.ts';

/** Makes rows of requests: all that is text becomes tokens here. */
export class RowMaker {
  readonly #format: PromptFormat;

  constructor(format: PromptFormat) {
    this.#format = format;
  }

  /** Errors: {@link EngineError} for a request that this model cannot take; so below. */
  answer(request: GenerationRequest): Answer {
    const { messages, sampling, adapters, logprobs } = request;
    return new Answer({
      ...this.#format,
      ...{ request, prompt: this.#encode(messages), scales: this.#scalesOf(adapters) },
      decode: this.#format.startDecoding(),
      text: new StopText([...sampling.stop, ...this.#format.stopTexts]),
      named: logprobs ? logprobs.named.map((text) => this.#firstToken(text)) : null,
    });
  }

  continuations({ messages, begin = '', continuations, adapters }: ScoreRequest): Continuation[] {
    const [prompt, scales] = [this.#encode(messages), this.#scalesOf(adapters)];
    return continuations.map((text) => this.#continuation(prompt, [begin, text], scales));
  }

  #firstToken(text: string): number {
    const [token] = this.#format.encodeText(text);
    if (token !== undefined) return token;
    throw new EngineError('A text whose probability was asked for is empty. Leave it out.');
  }

  #continuation(
    prompt: readonly number[],
    [begin, text]: readonly [string, string],
    scales: readonly number[],
  ): Continuation {
    const { encodeText, contextTokens } = this.#format;
    const whole = encodeText(begin + text);
    const begun = begin === '' ? [] : encodeText(begin);
    const shared = whole.findIndex((token, index) => token !== begun[index]);
    if (shared < 0)
      throw new EngineError('A continuation to score adds nothing to the answer. Leave it out.');
    // The last token is not read.
    const length = prompt.length + whole.length - 1;
    if (length > contextTokens) throw tooLong(length + 1, contextTokens + 1);
    return new Continuation([...prompt, ...whole.slice(0, shared)], whole.slice(shared), scales);
  }

  #encode(messages: readonly Message[]): readonly number[] {
    const prompt = this.#format.encode(messages);
    const { contextTokens } = this.#format;
    if (prompt.length < contextTokens) return prompt;
    throw tooLong(prompt.length, contextTokens - 1);
  }

  #scalesOf(adapters: readonly AdapterScale[] = []): readonly number[] {
    const { adapterIds } = this.#format;
    const unknown = adapters.find(({ id }) => !adapterIds.includes(id));
    if (unknown)
      throw new EngineError(`This model has no adapter "${unknown.id}". Choose another checkpoint.`);
    return adapterIds.map((id) => adapters.find((adapter) => adapter.id === id)?.scale ?? 0);
  }
}

function tooLong(tokens: number, most: number): EngineError {
  return new EngineError(
    `The conversation has ${tokens} tokens, and this model takes ${most} at most. Shorten it or start a new one.`,
  );
}
