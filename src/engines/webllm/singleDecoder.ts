import type { MLCEngine } from '@mlc-ai/web-llm';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';
import { applyMessageRules, type MessageRules } from '../../checkpoint/messageRules.ts';
import { EngineError, EngineLostError, sentenceOf } from '../../core/errors.ts';
import type { Generation, GenerationRequest, Score } from '../../core/ports/engine.ts';
import { StopText } from '../stopText.ts';
import { TokenTimeline } from '../tokenTimeline.ts';
import type { DecodeOptions, Decoder } from './decoder.ts';
import type { Pipeline } from './pipeline.ts';
import type { DeviceWatch } from './watchDevice.ts';

export interface SingleDecoderOptions {
  readonly contextTokens: number;
  /** How the checkpoint wants its messages, beyond what web-llm's templates say. */
  readonly rules: MessageRules;
  /** Texts that end an answer of this model, whatever the request says. */
  readonly stopTexts: readonly string[];
  readonly watch: DeviceWatch;
}

/** web-llm's own completion, one request after the other. */
export class SingleDecoder implements Decoder {
  readonly concurrency = 1;
  readonly #engine: MLCEngine;
  readonly #pipeline: Pipeline;
  readonly #options: SingleDecoderOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(engine: MLCEngine, pipeline: Pipeline, options: SingleDecoderOptions) {
    this.#engine = engine;
    this.#pipeline = pipeline;
    this.#options = options;
  }

  generate(request: GenerationRequest, options: DecodeOptions = {}): Promise<Generation> {
    const answer = this.#turn.then(() => this.#answer(request, options));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /** Errors: {@link EngineError}, always. */
  async score(): ReturnType<Score> {
    throw needsBatches('Scoring answers needs');
  }

  async #answer(request: GenerationRequest, options: DecodeOptions): Promise<Generation> {
    const { watch } = this.#options;
    // Its own penalty spares the prompt, and its log-probabilities are those of the distribution that it draws from.
    if (request.logprobs) throw needsBatches('Log-probabilities need');
    if ((request.sampling.repetitionPenalty ?? 1) !== 1) throw needsBatches('A repetition penalty needs');
    options.signal?.throwIfAborted();
    if (watch.lost) throw watch.lost;
    try {
      return await Promise.race([this.#decode(request, options), watch.failure]);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw explain(error, this.#options.contextTokens);
    }
  }

  async #decode(request: GenerationRequest, { signal, onText }: DecodeOptions): Promise<Generation> {
    const pipeline = this.#pipeline;
    const startMs = performance.now();
    const text = new StopText([...request.sampling.stop, ...this.#options.stopTexts]);
    const timeline = new TokenTimeline();
    let finish: Generation['finish'] | null = null;
    // The same request has to give the same text whatever came before, so nothing of an earlier context is used.
    pipeline.resetChat();
    for await (const { content, reason } of this.#pieces(request, signal)) {
      const nowMs = performance.now() - startMs;
      text.push(content);
      while (timeline.tokens < pipeline.outputIds.length) timeline.push(nowMs, text.shown);
      onText?.(text.shown, timeline.tokens);
      finish = text.stopped ? 'stop' : this.#finishOf(reason);
      // Leaving the loop makes web-llm end the answer and free its lock.
      if (finish) break;
    }
    onText?.(text.text, timeline.tokens);
    return {
      ...{ text: text.text, finish: finish ?? 'length', tokens: timeline.tokens, width: 1 },
      ...timeline.result(text.text),
      promptTokens: pipeline.filledKVCacheLength - pipeline.getCurRoundDecodingTotalTokens(),
      durationMs: performance.now() - startMs,
    };
  }

  async *#pieces(request: GenerationRequest, signal: AbortSignal | undefined) {
    for await (const { choices } of await this.#stream(request)) {
      signal?.throwIfAborted();
      const [choice] = choices;
      yield { content: choice?.delta.content ?? '', reason: choice?.finish_reason ?? null };
    }
  }

  #finishOf(reason: string | null): Generation['finish'] | null {
    if (reason) return reason === 'stop' ? 'stop' : 'length';
    return this.#pipeline.filledKVCacheLength >= this.#options.contextTokens - 1 ? 'length' : null;
  }

  #stream({ messages, sampling, seed }: GenerationRequest) {
    return this.#engine.chat.completions.create({
      messages: applyMessageRules(messages, this.#options.rules),
      ...{ stream: true, max_tokens: sampling.maxTokens },
      ...{ temperature: sampling.temperature, top_p: sampling.topP, seed: spreadSeed(seed) },
      // A checkpoint's own penalties are no part of the request, so they must be none.
      ...{ frequency_penalty: 0, presence_penalty: 0, repetition_penalty: 1 },
    });
  }
}

function needsBatches(what: string): EngineError {
  return new EngineError(
    `${what} answers in batches, which this model cannot give on this device. Choose another model.`,
  );
}

/** web-llm's generator begins at the seed itself: seeds 1, 2, 3 would all draw the likeliest token first. */
function spreadSeed(seed: number): number {
  return Math.floor(uniformFloat64(mersenne(seed)) * (2 ** 31 - 2)) + 1;
}

/** What web-llm refuses leaves the model as it was; anything else may have ended it in the midst of a step. */
function explain(error: unknown, contextTokens: number): Error {
  if (error instanceof EngineLostError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'ContextWindowSizeExceededError') {
    return new EngineError(
      `The conversation is longer than the ${contextTokens} tokens that this model takes. Shorten it or start a new one.`,
      { cause: error },
    );
  }
  if (['MessageOrderError', 'SystemMessageOrderError'].includes(name)) {
    return new EngineError(`The model cannot be asked this conversation: ${sentenceOf(error)}`, {
      cause: error,
    });
  }
  return new EngineLostError(`The model failed: ${sentenceOf(error)} Load it again to go on.`, {
    cause: error,
  });
}
