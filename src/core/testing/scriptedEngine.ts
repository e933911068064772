import { abortable } from '../abortable.ts';
import { EngineError, EngineLostError } from '../errors.ts';
import { hashOf } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Engine, EngineFacts, Generation, GenerationRequest } from '../ports/engine.ts';
import { scriptedText } from './scriptedText.ts';

type GenerateOptions = NonNullable<Parameters<Engine['generate']>[1]>;

export interface ScriptedEngineOptions {
  /**
   * The answer to a request; `call` counts from 1. An error is thrown as the answer. By default the text follows
   * from the request alone: equal requests get equal texts, and at temperature 0 the seed changes nothing.
   */
  readonly script?: (request: GenerationRequest, call: number) => string | Error;
  /** What loading meets; `attempt` counts from 1. */
  readonly failLoad?: (attempt: number) => Error | undefined;
  /** Milliseconds between two tokens, waited by `wait`. */
  readonly tokenMs?: number;
  /** By default no time passes, but other work gets its turn. */
  readonly wait?: (ms: number) => Promise<void>;
  readonly clock?: Clock;
  readonly concurrency?: number;
  readonly contextTokens?: number;
}

/** An engine without a model, for tests and for showing the app. One word is one token. */
export class ScriptedEngine implements Engine {
  readonly #options: ScriptedEngineOptions;
  readonly #closed = new AbortController();
  #loads = 0;
  #calls = 0;
  #inFlight = 0;
  #facts: EngineFacts | null = null;

  constructor(options: ScriptedEngineOptions = {}) {
    this.#options = options;
  }

  /** Requests that came in so far. */
  get calls(): number {
    return this.#calls;
  }

  async load({ signal, onProgress }: Parameters<Engine['load']>[0] = {}): Promise<EngineFacts> {
    if (this.#facts) return this.#facts;
    signal?.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    const failure = this.#options.failLoad?.(++this.#loads);
    if (failure) throw failure;
    onProgress?.({ phase: 'check', loadedBytes: 1, totalBytes: 1 });
    const { concurrency = 4, contextTokens = 4096 } = this.#options;
    this.#facts = {
      kind: 'scripted',
      device: 'none',
      library: 'scripted 1',
      concurrency,
      contextTokens,
      notes: ['These answers are made up by a script. No model runs.'],
    };
    return this.#facts;
  }

  async generate(request: GenerationRequest, options: GenerateOptions = {}): Promise<Generation> {
    const { signal } = options;
    this.#throwIfOver(signal);
    if (!this.#facts) throw new EngineLostError('The scripted engine has not been loaded. Load it first.');
    this.#calls += 1;
    this.#inFlight += 1;
    try {
      const { script = scriptedText } = this.#options;
      const answer = script(request, this.#calls);
      if (answer instanceof Error) throw answer;
      return await this.#speak(request, answer, this.#inFlight, options);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async dispose(): Promise<void> {
    this.#closed.abort(new EngineLostError('The scripted engine was closed. Load it anew.'));
  }

  #throwIfOver(signal: AbortSignal | undefined): void {
    this.#closed.signal.throwIfAborted();
    signal?.throwIfAborted();
  }

  async #speak(
    request: GenerationRequest,
    answer: string,
    width: number,
    { signal, onText }: GenerateOptions,
  ): Promise<Generation> {
    const promptTokens = request.messages.reduce((sum, { content }) => sum + wordsOf(content).length, 0);
    const room = (this.#facts?.contextTokens ?? 0) - promptTokens;
    if (room <= 0) throw new EngineError('The conversation does not fit into the context. Shorten it.');
    const whole = untilStop(answer, request.sampling.stop);
    const words = wordsOf(whole);
    const tokens = Math.min(words.length, request.sampling.maxTokens, room);
    const { wait = letOthersRun, clock = { now: () => 0 }, tokenMs = 0 } = this.#options;
    const startMs = clock.now();
    const tokenTimesMs: number[] = [];
    let text = '';
    for (const word of words.slice(0, tokens)) {
      await abortable(abortable(wait(tokenMs), this.#closed.signal), signal);
      text += word;
      tokenTimesMs.push(clock.now() - startMs);
      onText?.(text, tokenTimesMs.length);
    }
    this.#throwIfOver(signal);
    const finish = tokens < words.length ? 'length' : 'stop';
    const durationMs = clock.now() - startMs;
    return { text, finish, promptTokens, tokens, durationMs, tokenTimesMs, width };
  }
}

/** An engine that is lost at the given calls, counted from 1, and answers the others. */
export function losingAt(...calls: readonly number[]): NonNullable<ScriptedEngineOptions['script']> {
  return (request, call) =>
    calls.includes(call)
      ? new EngineLostError('The device was lost. Load the model anew.')
      : scriptedText(request);
}

/** An engine whose answers fail at the given calls, counted from 1. */
export function failingAt(...calls: readonly number[]): NonNullable<ScriptedEngineOptions['script']> {
  return (request, call) =>
    calls.includes(call) ? new EngineError(`The scripted answer ${call} failed.`) : scriptedText(request);
}

/** Tells requests apart in a text of one's own: 8 hex digits that follow from all of the request. */
export function tagOf(request: GenerationRequest): string {
  return hashOf(request).slice(0, 8);
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function untilStop(text: string, stops: readonly string[]): string {
  const cuts = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return cuts.length === 0 ? text : text.slice(0, Math.min(...cuts));
}

const letOthersRun = (): Promise<void> => Promise.resolve();
