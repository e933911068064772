import { JudgeError, JudgeRefusedError } from '../../core/errors.ts';
import type { Judge, JudgeReply, JudgeRequest, ScoreOptions } from '../../core/ports/judge.ts';
import { webPage } from '../../protocols/openai/explainFailure.ts';
import { ModelServer, type Served } from '../../protocols/openai/modelServer.ts';
import type { Fetch } from '../../protocols/openai/plainFetch.ts';
import { type FailureKind, ServerFailure } from '../../protocols/openai/serverFailure.ts';
import { type OpenAiJudgeSpec, judgeBody } from './judgeBody.ts';
import { Pace } from './pace.ts';
import { readCompletion } from './readCompletion.ts';

export interface OpenAiJudgeOptions {
  readonly apiKey?: string | undefined;
  /** Calls in flight at once. */
  readonly concurrency?: number;
  /** Calls that may begin in a minute; the server's own limit counts anyway. */
  readonly requestsPerMinute?: number | undefined;
  /** For one try of one call. */
  readonly timeoutMs?: number;
  /** Further tries of a call; with the pauses between them five take about 15 s. */
  readonly retries?: number;
  /** Numbers in [0, 1), for the fences. */
  readonly random?: () => number;
  readonly fetch?: Fetch;
}

/** What the next answer would meet too. */
const meetsAll: ReadonlySet<FailureKind> = new Set([
  'key',
  'credit',
  'model',
  'address',
  'page',
  'unreachable',
]);

/** A judge that is a model behind an OpenAI-compatible server. */
export class OpenAiJudge implements Judge {
  readonly spec: OpenAiJudgeSpec;
  readonly concurrency: number;
  readonly #server: ModelServer;
  readonly #pace: Pace;
  readonly #random: () => number;

  constructor(spec: OpenAiJudgeSpec, options: OpenAiJudgeOptions = {}) {
    const { apiKey, concurrency = 4, requestsPerMinute, timeoutMs = 120_000, retries = 5, fetch } = options;
    this.spec = spec;
    this.concurrency = concurrency;
    this.#pace = new Pace(requestsPerMinute);
    this.#random = options.random ?? randomNumber;
    this.#server = new ModelServer({
      baseUrl: spec.baseUrl,
      model: spec.model,
      apiKey,
      retries,
      timeoutMs,
      fetch,
    });
  }

  async score(request: JudgeRequest, options: ScoreOptions = {}): Promise<JudgeReply> {
    const { signal } = options;
    signal?.throwIfAborted();
    await this.#pace.next(signal);
    const { result, notes } = await this.#ask(request, options);
    const reply = readCompletion(result);
    if (reply) return { ...reply, notes: [...notes, ...reply.notes] };
    if (typeof result === 'string') throw new JudgeRefusedError(webPage(this.#server.context).message);
    const { address } = this.#server.context;
    throw new JudgeError(
      `The server at ${address} answered with something other than a chat completion. Check that its address and model are for chat.`,
    );
  }

  async #ask(request: JudgeRequest, { signal, onLostTry }: ScoreOptions): Promise<Served<unknown>> {
    try {
      return await this.#server.complete(judgeBody(this.spec, request, this.#random), signal, onLostTry);
    } catch (error) {
      if (!(error instanceof ServerFailure)) throw error;
      throw meetsAll.has(error.kind) ? new JudgeRefusedError(error.message) : new JudgeError(error.message);
    }
  }
}

function randomNumber(): number {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return number / 2 ** 32;
}
