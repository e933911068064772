import { EngineLostError, sentenceOf } from '../../core/errors.ts';
import type {
  ContinuationScore,
  Engine,
  Generation,
  GenerationRequest,
  Score,
  ScoreRequest,
} from '../../core/ports/engine.ts';
import type { BatchRows, Row } from './batchRows.ts';
import type { PromptFormat } from './promptFormat.ts';
import { RowMaker } from './rowMaker.ts';
import { yieldToEvents } from './yieldToEvents.ts';

interface BatcherOptions {
  /** Rows decoded together at most. */
  readonly maxRows: number;
}

type GenerateOptions = NonNullable<Parameters<Engine['generate']>[1]>;
type ScoreOptions = NonNullable<Parameters<Score>[1]>;

interface JobOptions {
  readonly signal?: AbortSignal | undefined;
  /** After each token. */
  readonly onToken?: () => void;
  /** After each part of the prompt. */
  readonly onRead?: (() => void) | undefined;
}

interface Job {
  readonly row: Row;
  readonly options: JobOptions;
  /** `width`: rows decoded together when it was admitted. */
  readonly resolve: (width: number) => void;
  readonly reject: (reason: unknown) => void;
  /** Settled: answered, failed or aborted. */
  ended: boolean;
  readonly abort: () => void;
}

interface Running {
  readonly job: Job;
  readonly width: number;
  readonly startMs: number;
}

/** Answers requests together: whoever comes while others are being answered joins them at the next token. */
export class Batcher {
  readonly #make: RowMaker;
  readonly #maxRows: number;
  readonly #rows: BatchRows;
  #queue: Job[] = [];
  readonly #running = new Map<Row, Running>();
  #working = false;
  #lost: EngineLostError | null = null;

  constructor(rows: BatchRows, format: PromptFormat, { maxRows }: BatcherOptions) {
    this.#rows = rows;
    this.#make = new RowMaker(format);
    this.#maxRows = maxRows;
  }

  /** See {@link Engine.generate}. */
  async generate(request: GenerationRequest, options: GenerateOptions = {}): Promise<Generation> {
    const { signal, onText, onRead } = options;
    this.#throwIfOver(signal);
    const answer = this.#make.answer(request);
    const onToken = () => onText?.(answer.shown, answer.tokens);
    return answer.result(await this.#run(answer, { signal, onToken, onRead }));
  }

  /** See {@link Engine.score}. */
  async score(request: ScoreRequest, options: ScoreOptions = {}): Promise<readonly ContinuationScore[]> {
    const { signal } = options;
    this.#throwIfOver(signal);
    const rows = this.#make.continuations(request);
    await Promise.all(rows.map((row) => this.#run(row, { signal })));
    return rows.map((row) => row.result());
  }

  /** Rejects everything in flight and every later request. */
  close(error: EngineLostError): void {
    this.#lost ??= error;
    for (const job of [...this.#queue, ...[...this.#running.values()].map((running) => running.job)]) {
      this.#end(job, () => job.reject(error));
    }
  }

  #throwIfOver(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#lost) throw this.#lost;
  }

  /** Gives the width at the row's admission, once it is finished. */
  #run(row: Row, options: JobOptions): Promise<number> {
    const { signal } = options;
    return new Promise<number>((resolve, reject) => {
      const abort = () => this.#end(job, () => reject(signal?.reason as Error));
      const job: Job = { row, options, resolve, reject, ended: false, abort };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(job);
      void this.#work();
    });
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
      if (!job || !this.#rows.hasRoom(job.row)) return;
      await this.#admit(job, width);
      // Not before, or nobody would tell it when reading its prompt fails.
      this.#queue = this.#queue.filter((other) => other !== job);
    }
  }

  async #admit(job: Job, width: number): Promise<void> {
    const startMs = performance.now();
    let parts = 0;
    const logits = await this.#rows.join(job.row, () => {
      // It is asked before each part.
      if (parts++ > 0) job.options.onRead?.();
      return job.ended;
    });
    if (!logits) return;
    this.#running.set(job.row, { job, width, startMs });
    this.#accept(job.row, logits);
  }

  async #step(): Promise<void> {
    for (const [row, { job }] of this.#running) if (job.ended) this.#leave(row);
    for (const [row, logits] of await this.#rows.step()) this.#accept(row, logits);
  }

  #accept(row: Row, logits: Float32Array): void {
    const running = this.#running.get(row);
    if (!running || running.job.ended) return;
    const { job, width, startMs } = running;
    row.accept(logits, performance.now() - startMs);
    job.options.onToken?.();
    if (!row.finished) return;
    this.#leave(row);
    this.#end(job, () => job.resolve(width));
  }

  #leave(row: Row): void {
    this.#running.delete(row);
    this.#rows.leave(row);
  }
}
