import { VERSION } from 'openai/version';
import { abortable } from '../../core/abortable.ts';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import type { OpenAiCard } from '../../core/model.ts';
import type {
  Engine,
  EngineFacts,
  Generation,
  GenerationRequest,
  Sampling,
} from '../../core/ports/engine.ts';
import { timeoutSentence } from '../../protocols/openai/explainFailure.ts';
import { type AnswerChunk, ModelServer } from '../../protocols/openai/modelServer.ts';
import type { Fetch } from '../../protocols/openai/plainFetch.ts';
import { ServerFailure } from '../../protocols/openai/serverFailure.ts';
import { AnswerReader } from './answerReader.ts';
import { findServedModel } from './findServedModel.ts';
import { Stall } from './stall.ts';

export interface OpenAiEngineOptions {
  readonly apiKey?: string | undefined;
  /** Further tries of a request; with the pauses between them six take about 25 s. */
  readonly retries?: number;
  /** Without a sign of life: a busy server may let a request wait for minutes. */
  readonly timeoutMs?: number;
  readonly fetch?: Fetch;
}

type GenerateOptions = NonNullable<Parameters<Engine['generate']>[1]>;

/** A model that another process serves over the OpenAI protocol: vLLM, llama.cpp, Ollama, LM Studio, hosted. */
export class OpenAiEngine implements Engine {
  readonly #card: OpenAiCard;
  readonly #server: ModelServer;
  readonly #closed = new AbortController();
  #loading: Promise<EngineFacts> | null = null;

  constructor(card: OpenAiCard, options: OpenAiEngineOptions = {}) {
    const { apiKey, retries = 6, timeoutMs = 300_000, fetch } = options;
    this.#card = card;
    this.#server = new ModelServer({
      baseUrl: card.baseUrl,
      model: card.model,
      apiKey,
      retries,
      timeoutMs,
      fetch,
    });
  }

  load({ signal }: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    this.#loading ??= this.#findOut(signal).catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async generate(request: GenerationRequest, options: GenerateOptions = {}): Promise<Generation> {
    this.#closed.signal.throwIfAborted();
    options.signal?.throwIfAborted();
    if (request.adapters && request.adapters.length > 0) {
      throw new EngineError('A served model takes no live adapters. Give each adapter its own model card.');
    }
    const ends = [this.#closed.signal, ...(options.signal ? [options.signal] : [])];
    const stall = new Stall(this.#server.context.timeoutMs, ends);
    try {
      return await abortable(this.#answer(request, stall, options.onText), stall.signal);
    } catch (error) {
      this.#closed.signal.throwIfAborted();
      options.signal?.throwIfAborted();
      if (stall.isOver) throw new EngineError(timeoutSentence(this.#server.context));
      throw engineErrorOf(this.#server.explain(error));
    } finally {
      stall.end();
    }
  }

  async dispose(): Promise<void> {
    this.#closed.abort(
      new EngineLostError(`The connection to "${this.#card.name}" was closed. Load the model anew.`),
    );
  }

  async #findOut(signal: AbortSignal | undefined): Promise<EngineFacts> {
    this.#closed.signal.throwIfAborted();
    signal?.throwIfAborted();
    const { concurrency, contextTokens } = this.#card;
    try {
      const found = await findServedModel(this.#server, signal);
      return {
        kind: 'openai',
        device: this.#server.context.address,
        library: `openai ${VERSION}`,
        concurrency,
        contextTokens: contextTokens ?? found.contextTokens,
        notes: found.notes,
      };
    } catch (error) {
      throw error instanceof ServerFailure ? engineErrorOf(error) : error;
    }
  }

  async #answer(
    request: GenerationRequest,
    stall: Stall,
    onText: GenerateOptions['onText'],
  ): Promise<Generation> {
    const startMs = performance.now();
    const elapsedMs = (): number => performance.now() - startMs;
    const { result: chunks, notes } = await this.#server.stream(this.#bodyOf(request), stall.signal);
    const reader = await this.#read(chunks, request, stall, { elapsedMs, onText });
    if (!reader.isWhole) {
      stall.signal.throwIfAborted();
      const { address } = this.#server.context;
      throw new ServerFailure('cut', `The server at ${address} ended in the middle of an answer. Ask again.`);
    }
    const promptChars = request.messages.reduce((sum, { content }) => sum + content.length, 0);
    return reader.answer({ promptChars, durationMs: elapsedMs(), notes });
  }

  async #read(
    chunks: AsyncIterable<AnswerChunk>,
    request: GenerationRequest,
    stall: Stall,
    { elapsedMs, onText }: { elapsedMs: () => number; onText: GenerateOptions['onText'] },
  ): Promise<AnswerReader> {
    const reader = new AnswerReader(request);
    let shown = '';
    const show = (text: string): void => {
      if (text === shown) return;
      shown = text;
      onText?.(text, reader.pieces);
    };
    stall.begin();
    for await (const chunk of chunks) {
      stall.begin();
      if (reader.read(chunk, elapsedMs()) && !stall.signal.aborted) show(reader.shown);
      if (stall.signal.aborted || reader.isOver) break;
    }
    if (reader.isWhole && !stall.signal.aborted) show(reader.whole);
    return reader;
  }

  #bodyOf({ messages, sampling, seed, logprobs }: GenerationRequest): Record<string, unknown> {
    const { temperature, topP, maxTokens, stop } = sampling;
    return {
      model: this.#card.model,
      messages,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      ...(stop.length > 0 ? { stop } : {}),
      ...penaltyOf(sampling),
      // As many as the protocol has.
      ...(logprobs && { logprobs: true, top_logprobs: 20 }),
      // Servers take 31 bits; llama.cpp reads the largest 32-bit number as "any seed".
      seed: seed % 2 ** 31,
      stream_options: { include_usage: true },
    };
  }
}

/** More than a conversation has; llama.cpp refuses its own word for all, and sets memory aside for so many. */
const penalisedTokens = 32_768;

/** vLLM's and SGLang's name, then llama.cpp's, which spares all but the last 64 tokens unless told otherwise. */
function penaltyOf({ repetitionPenalty = 1 }: Sampling): Record<string, number> {
  if (repetitionPenalty === 1) return {};
  return {
    repetition_penalty: repetitionPenalty,
    repeat_penalty: repetitionPenalty,
    repeat_last_n: penalisedTokens,
  };
}

function engineErrorOf(failure: ServerFailure): EngineError {
  return new EngineError(failure.message);
}
