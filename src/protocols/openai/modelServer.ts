import type OpenAI from 'openai';
import { abortable } from '../../core/abortable.ts';
import { isAbort } from '../../core/errors.ts';
import { BodyFitter, type ChatBody } from './bodyFitter.ts';
import { explainFailure, type ServerContext } from './explainFailure.ts';
import { type Fetch, plainFetch } from './plainFetch.ts';
import { ServerFailure } from './serverFailure.ts';

export type AnswerChunk = OpenAI.Chat.Completions.ChatCompletionChunk;

export interface ModelServerOptions {
  /** Up to and without `/chat/completions`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Further tries after 408, 409, 429, 5xx and broken connections, with growing pauses or as the server asks. */
  readonly retries: number;
  /** Until the first byte of one try. */
  readonly timeoutMs: number;
  /** Instead of the platform's own. */
  readonly fetch?: Fetch | undefined;
}

/** What the server gave, and what was asked for differently from the body because it refused that. */
export interface Served<T> {
  readonly result: T;
  readonly notes: readonly string[];
}

/**
 * One model of an OpenAI-compatible server. All methods throw {@link ServerFailure}, or the signal's reason as
 * soon as it is aborted. The SDK is loaded at the first request.
 */
export class ModelServer {
  readonly context: ServerContext;
  readonly #options: ModelServerOptions;
  readonly #fitter = new BodyFitter();
  #client: Promise<OpenAI> | null = null;

  constructor(options: ModelServerOptions) {
    this.#options = options;
    const { baseUrl, model, apiKey, timeoutMs } = options;
    this.context = { address: baseUrl.replace(/\/+$/, ''), model, apiKey: apiKey || undefined, timeoutMs };
  }

  /**
   * One whole completion, as parsed JSON, or as text where it is none: nothing about its form is certain.
   * `onLostTry` is called for each try that got no answer in time.
   */
  complete(body: ChatBody, signal?: AbortSignal, onLostTry?: () => void): Promise<Served<unknown>> {
    return this.#send(body, signal, async (fitted) => {
      const shared = await this.#open();
      const client = onLostTry
        ? shared.withOptions({ fetch: this.#watchedFetch(signal, onLostTry) })
        : shared;
      return client.post<unknown>('/chat/completions', { body: fitted, ...(signal ? { signal } : {}) });
    });
  }

  /** A completion in pieces. Resolves when the server begins to answer; errors while reading are explained by `explain`. */
  stream(body: ChatBody, signal: AbortSignal): Promise<Served<AsyncIterable<AnswerChunk>>> {
    return this.#send({ ...body, stream: true }, signal, async (fitted) => {
      const client = await this.#open();
      const params = fitted as unknown as OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
      return client.chat.completions.create(params, { signal });
    });
  }

  /** The reply to GET /models, whatever its form. Tried once more only: somebody waits for it. */
  async listModels(signal?: AbortSignal): Promise<unknown> {
    try {
      const client = await this.#open();
      const maxRetries = Math.min(1, this.#options.retries);
      return await abortable(
        client.get<unknown>('/models', { maxRetries, ...(signal ? { signal } : {}) }),
        signal,
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw this.explain(error);
    }
  }

  explain(error: unknown): ServerFailure {
    return explainFailure(error, this.context);
  }

  async #send<T>(
    body: ChatBody,
    signal: AbortSignal | undefined,
    call: (fitted: ChatBody) => Promise<T>,
  ): Promise<Served<T>> {
    for (;;) {
      const { body: fitted, notes } = this.#fitter.fit(body);
      try {
        return { result: await abortable(call(fitted), signal), notes };
      } catch (error) {
        signal?.throwIfAborted();
        const failure = this.explain(error);
        if (failure.kind !== 'request' || !this.#fitter.learn(fitted, error as object)) throw failure;
      }
    }
  }

  /** The SDK tells of its last try alone; the ones before it show only here. */
  #watchedFetch(signal: AbortSignal | undefined, onLostTry: () => void): Fetch {
    const send = fetchOf(this.#options);
    return async (input, init) => {
      try {
        return await send(input, init);
      } catch (error) {
        if (isAbort(error) && !signal?.aborted) onLostTry();
        throw error;
      }
    };
  }

  #open(): Promise<OpenAI> {
    // A chunk that did not load (no network) is asked for again.
    this.#client ??= openClient(this.context, this.#options).catch((error: unknown) => {
      this.#client = null;
      throw error;
    });
    return this.#client;
  }
}

async function openClient({ address, apiKey }: ServerContext, options: ModelServerOptions): Promise<OpenAI> {
  const { OpenAI } = await loadSdk();
  return new OpenAI({
    baseURL: address,
    // The SDK would otherwise take a key, an organisation and a project from the environment and send them to any
    // address; and it refuses to work without a key, which local servers do not need.
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    defaultHeaders: { ...(apiKey === undefined && { Authorization: null }), ...headersFor(address) },
    // The key is the user's own, typed in by them for this use.
    dangerouslyAllowBrowser: true,
    logLevel: 'off',
    maxRetries: options.retries,
    timeout: options.timeoutMs,
    fetch: fetchOf(options),
  });
}

function fetchOf(options: ModelServerOptions): Fetch {
  return plainFetch(options.fetch ?? ((input, init) => fetch(input, init)));
}

async function loadSdk(): Promise<typeof import('openai')> {
  try {
    return await import('openai');
  } catch {
    throw new ServerFailure(
      'unreachable',
      'The part of Otherself that talks to servers could not be loaded. Check the network, and reload the page.',
    );
  }
}

/** Anthropic answers a page only if the page says that it knows the risk of holding a key. */
function headersFor(address: string): Record<string, string> {
  return new URL(address).hostname === 'api.anthropic.com'
    ? { 'anthropic-dangerous-direct-browser-access': 'true' }
    : {};
}
