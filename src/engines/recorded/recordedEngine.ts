import { abortable } from '../../core/abortable.ts';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Engine, EngineFacts, Generation, GenerationRequest } from '../../core/ports/engine.ts';
import type { FindRecording, Recording } from '../../core/recordings.ts';
import { replaySteps } from './replaySteps.ts';

export interface RecordedEngineOptions {
  /** The recordings of one model. */
  readonly find: FindRecording;
  readonly clock: Clock;
  /** By default real time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

type GenerateOptions = NonNullable<Parameters<Engine['generate']>[1]>;

/** Nothing is computed, so any number may be in flight. */
const concurrency = 64;
/** Servers and local models write about so many characters in a token. */
const charsPerToken = 4;

/** Gives stored answers again, each token at its recorded time after the request. */
export class RecordedEngine implements Engine {
  readonly #options: RecordedEngineOptions;
  readonly #closed = new AbortController();
  readonly #facts: EngineFacts = {
    ...{ kind: 'recorded', device: 'none', library: 'recorded 1', concurrency, contextTokens: null },
    notes: ['These answers are recorded. No model runs.'],
  };

  constructor(options: RecordedEngineOptions) {
    this.#options = options;
  }

  async load({ signal }: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    this.#throwIfOver(signal);
    return this.#facts;
  }

  /** A recording knows no log-probabilities. */
  async generate(request: GenerationRequest, options: GenerateOptions = {}): Promise<Generation> {
    const startMs = this.#options.clock.now();
    this.#throwIfOver(options.signal);
    const recording = await this.#orOver(this.#options.find(request), options.signal);
    if (!recording) {
      throw new EngineError(
        'There is no recording of this question with these settings. Record it first, or ask a model.',
      );
    }
    await this.#replay(recording, startMs, options);
    const { promptTokens, recordedAt, device, ...answer } = recording;
    const estimate = request.messages.reduce((sum, { content }) => sum + content.length / charsPerToken, 0);
    return {
      ...{ ...answer, promptTokens: promptTokens ?? Math.ceil(estimate), width: 1 },
      notes: [
        recordedNote(recording),
        ...(promptTokens === null
          ? ['The prompt was not counted when it was recorded: it was estimated.']
          : []),
      ],
    };
  }

  async dispose(): Promise<void> {
    this.#closed.abort(new EngineLostError('The recordings were closed. Open them again to go on.'));
  }

  /** By the clock, not by adding up pauses: a late timer delays one token, never the rest. */
  async #replay(recording: Recording, startMs: number, { signal, onText }: GenerateOptions): Promise<void> {
    const { clock, sleep = realSleep } = this.#options;
    let tokens = 0;
    for (const { atMs, end } of replaySteps(recording)) {
      const waitMs = startMs + atMs - clock.now();
      if (waitMs > 0) await this.#orOver(sleep(waitMs), signal);
      this.#throwIfOver(signal);
      onText?.(recording.text.slice(0, end), ++tokens);
    }
    // An abort out of the last token's listener.
    this.#throwIfOver(signal);
  }

  #orOver<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return abortable(abortable(work, this.#closed.signal), signal);
  }

  #throwIfOver(signal: AbortSignal | undefined): void {
    this.#closed.signal.throwIfAborted();
    signal?.throwIfAborted();
  }
}

function recordedNote({ recordedAt, device }: Recording): string {
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' }).format(new Date(recordedAt));
  return `Recorded on ${date}${device === null ? '' : `, on ${device}`}.`;
}

function realSleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
