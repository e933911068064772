import { abortable } from '../abortable.ts';
import { EngineError, EngineLostError } from '../errors.ts';
import { hashOf } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  ContinuationScore,
  Engine,
  EngineFacts,
  Generation,
  GenerationRequest,
  Message,
  Score,
  TokenLogprobs,
} from '../ports/engine.ts';
import { greedyOf, scriptedLogprob } from './scriptedLogprob.ts';
import { wordsOf } from './wordsOf.ts';
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
    this.#begin(options.signal);
    this.#inFlight += 1;
    try {
      return await this.#speak(request, this.#script(request), this.#inFlight, options);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async score(...[request, { signal } = {}]: Parameters<Score>): Promise<readonly ContinuationScore[]> {
    this.#begin(signal);
    const { begin = '', continuations } = request;
    const greedy = this.#script(greedyOf(request));
    const { wait = letOthersRun, tokenMs = 0 } = this.#options;
    this.#room(request.messages);
    await abortable(abortable(wait(tokenMs), this.#closed.signal), signal);
    return continuations.map((text) => scoreOf(greedy, begin, text));
  }

  async dispose(): Promise<void> {
    this.#closed.abort(new EngineLostError('The scripted engine was closed. Load it anew.'));
  }

  /** Counts a call, once it may begin. */
  #begin(signal: AbortSignal | undefined): void {
    this.#throwIfOver(signal);
    if (!this.#facts) throw new EngineLostError('The scripted engine has not been loaded. Load it first.');
    this.#calls += 1;
  }

  #script(request: GenerationRequest): string {
    const { script = scriptedText } = this.#options;
    const answer = script(request, this.#calls);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /** Tokens of the prompt, and those that fit behind them. */
  #room(messages: readonly Message[]): { readonly promptTokens: number; readonly room: number } {
    const promptTokens = messages.reduce((sum, { content }) => sum + wordsOf(content).length, 0);
    const room = (this.#facts?.contextTokens ?? 0) - promptTokens;
    if (room > 0) return { promptTokens, room };
    throw new EngineError('The conversation does not fit into the context. Shorten it.');
  }

  #logprobs(request: GenerationRequest, words: readonly string[]): TokenLogprobs {
    const greedy = this.#script(greedyOf(request));
    const of = (choose: (word: string) => string) =>
      words.map((word, index) => scriptedLogprob(greedy, words.slice(0, index).join(''), choose(word)));
    const named = request.logprobs?.named ?? [];
    return { chosen: of((word) => word), named: named.map((text) => of(() => wordsOf(text)[0] ?? '')) };
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
    const { promptTokens, room } = this.#room(request.messages);
    const whole = untilStop(answer, request.sampling.stop);
    const words = wordsOf(whole);
    const tokens = Math.min(words.length, request.sampling.maxTokens, room);
    const { wait = letOthersRun, clock = { now: () => 0 }, tokenMs = 0 } = this.#options;
    const startMs = clock.now();
    const tokenTimesMs: number[] = [];
    const tokenEnds: number[] = [];
    let text = '';
    for (const word of words.slice(0, tokens)) {
      await abortable(abortable(wait(tokenMs), this.#closed.signal), signal);
      text += word;
      tokenTimesMs.push(clock.now() - startMs);
      tokenEnds.push(text.length);
      onText?.(text, tokenTimesMs.length);
    }
    this.#throwIfOver(signal);
    const finish = tokens < words.length ? 'length' : 'stop';
    const durationMs = clock.now() - startMs;
    const logprobs = request.logprobs && this.#logprobs(request, words.slice(0, tokens));
    const counts = { promptTokens, tokens, durationMs, tokenTimesMs, tokenEnds, width };
    return { text, finish, ...counts, ...(logprobs && { logprobs }) };
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

function scoreOf(greedy: string, begin: string, text: string): ContinuationScore {
  const [begun, words] = [wordsOf(begin), wordsOf(begin + text)];
  const shared = words.findIndex((word, index) => word !== begun[index]);
  if (shared < 0) throw new EngineError('A continuation to score adds nothing to the answer. Leave it out.');
  const tokenLogprobs = words
    .map((word, index) => scriptedLogprob(greedy, words.slice(0, index).join(''), word))
    .slice(shared);
  return { logprob: tokenLogprobs.reduce((sum, value) => sum + value, 0), tokenLogprobs };
}

function untilStop(text: string, stops: readonly string[]): string {
  const cuts = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return cuts.length === 0 ? text : text.slice(0, Math.min(...cuts));
}

const letOthersRun = (): Promise<void> => Promise.resolve();
