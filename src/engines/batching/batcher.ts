import { EngineError, EngineLostError, sentenceOf } from '../../core/errors.ts';
import type { Engine, Generation, GenerationRequest } from '../../core/ports/engine.ts';
import { StopText } from '../stopText.ts';
import { Answer, type DecodeToken } from './answer.ts';
import type { BatchRows } from './batchRows.ts';
import { yieldToEvents } from './yieldToEvents.ts';

/** What the batcher needs to know of a model's text side. */
export interface PromptFormat {
  /** Token ids of a conversation, ready for the answer. */
  readonly encode: (messages: GenerationRequest['messages']) => readonly number[];
  /** For the tokens of one answer. */
  readonly startDecoding: () => DecodeToken;
  /** Texts that end an answer of this model, whatever the request says. */
  readonly stopTexts: readonly string[];
  readonly endTokens: ReadonlySet<number>;
  readonly contextTokens: number;
  /** The adapters that the model has, in its input order. */
  readonly adapterIds: readonly string[];
}

interface BatcherOptions {
  /** Rows decoded together at most. */
  readonly maxRows: number;
}

type GenerateOptions = NonNullable<Parameters<Engine['generate']>[1]>;

interface Job {
  readonly request: GenerationRequest;
  readonly prompt: readonly number[];
  readonly scales: readonly number[];
  readonly options: GenerateOptions;
  readonly resolve: (generation: Generation) => void;
  readonly reject: (reason: unknown) => void;
  /** Settled: answered, failed or aborted. */
  ended: boolean;
  readonly abort: () => void;
}

interface Running {
  readonly job: Job;
  readonly width: number;
}

/** Answers requests together: whoever comes while others are being answered joins them at the next token. */
export class Batcher {
  readonly #format: PromptFormat;
  readonly #maxRows: number;
  readonly #rows: BatchRows;
  #queue: Job[] = [];
  readonly #running = new Map<Answer, Running>();
  #working = false;
  #lost: EngineLostError | null = null;

  constructor(rows: BatchRows, format: PromptFormat, { maxRows }: BatcherOptions) {
    this.#rows = rows;
    this.#format = format;
    this.#maxRows = maxRows;
  }

  /** See {@link Engine.generate}. */
  async generate(request: GenerationRequest, options: GenerateOptions = {}): Promise<Generation> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#lost) throw this.#lost;
    const prompt = this.#encode(request);
    const scales = this.#scalesOf(request);
    return new Promise<Generation>((resolve, reject) => {
      const abort = () => this.#end(job, () => reject(signal?.reason as Error));
      const job: Job = { request, prompt, scales, options, resolve, reject, ended: false, abort };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(job);
      void this.#work();
    });
  }

  /** Rejects everything in flight and every later request. */
  close(error: EngineLostError): void {
    this.#lost ??= error;
    for (const job of [...this.#queue, ...[...this.#running.values()].map((running) => running.job)]) {
      this.#end(job, () => job.reject(error));
    }
  }

  #encode({ messages }: GenerationRequest): readonly number[] {
    const prompt = this.#format.encode(messages);
    const { contextTokens } = this.#format;
    if (prompt.length < contextTokens) return prompt;
    throw new EngineError(
      `The conversation has ${prompt.length} tokens, and this model takes ${contextTokens - 1} at most. ` +
        'Shorten it or start a new one.',
    );
  }

  #scalesOf({ adapters = [] }: GenerationRequest): readonly number[] {
    const { adapterIds } = this.#format;
    const unknown = adapters.find(({ id }) => !adapterIds.includes(id));
    if (unknown)
      throw new EngineError(`This model has no adapter "${unknown.id}". Choose another checkpoint.`);
    return adapterIds.map((id) => adapters.find((adapter) => adapter.id === id)?.scale ?? 0);
  }

  #end(job: Job, settle: () => void): void {
    if (job.ended) return;
    job.ended = true;
    // A whole run may share one signal.
    job.options.signal?.removeEventListener('abort', job.abort);
    this.#queue = this.#queue.filter((other) => other !== job);
    settle();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#lost && this.#queue.length + this.#running.size > 0) {
        await this.#admitAll();
        await this.#step();
      }
    } catch (error) {
      this.close(
        new EngineLostError(`The model failed: ${sentenceOf(error)} Load it again to go on.`, {
          cause: error,
        }),
      );
    } finally {
      this.#working = false;
      if (this.#lost) {
        this.#running.clear();
        this.#rows.clear();
      }
    }
  }

  async #admitAll(): Promise<void> {
    // Requests made in the same turn belong together.
    await yieldToEvents();
    const width = Math.min(this.#maxRows, this.#running.size + this.#queue.length);
    while (!this.#lost && this.#running.size < this.#maxRows) {
      const [job] = this.#queue;
      if (!job || !this.#rows.hasRoom({ prompt: job.prompt, ...job.request.sampling })) return;
      await this.#admit(job, width);
      // Not before, or nobody would tell it when reading its prompt fails.
      this.#queue = this.#queue.filter((other) => other !== job);
    }
  }

  async #admit(job: Job, width: number): Promise<void> {
    const { request, prompt, scales } = job;
    const text = new StopText([...request.sampling.stop, ...this.#format.stopTexts]);
    const decode = this.#format.startDecoding();
    const startMs = performance.now();
    const answer = new Answer({ ...this.#format, request, prompt, scales, decode, text, startMs });
    const logits = await this.#rows.join(answer, () => job.ended);
    if (!logits) return;
    this.#running.set(answer, { job, width });
    this.#accept(answer, logits);
  }

  async #step(): Promise<void> {
    for (const [answer, { job }] of this.#running) if (job.ended) this.#leave(answer);
    for (const [answer, logits] of await this.#rows.step()) this.#accept(answer, logits);
  }

  #accept(answer: Answer, logits: Float32Array): void {
    const running = this.#running.get(answer);
    if (!running || running.job.ended) return;
    const { job, width } = running;
    answer.accept(logits, performance.now());
    job.options.onText?.(answer.shown, answer.tokens);
    if (!answer.finished) return;
    this.#leave(answer);
    this.#end(job, () => job.resolve(answer.result(width)));
  }

  #leave(answer: Answer): void {
    this.#running.delete(answer);
    this.#rows.leave(answer);
  }
}
