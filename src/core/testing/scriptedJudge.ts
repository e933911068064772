import { abortable } from '../abortable.ts';
import { seedOf } from '../ids.ts';
import type { JudgeSpec } from '../judgeSpec.ts';
import type { Judge, JudgeReply, JudgeRequest } from '../ports/judge.ts';
import { type Signal, signalsFor } from '../rubric.ts';

/** What a judge can reply, right and wrong. */
export type ScriptedReply =
  'valid' | 'prose' | 'wrongSchema' | 'outOfRange' | 'refusal' | 'empty' | 'webPage';

export interface ScriptedJudgeOptions {
  readonly spec?: JudgeSpec;
  readonly concurrency?: number;
  /** The reply to a call; `call` counts from 1. An error is thrown, `{ raw }` is replied word for word. */
  readonly script?: (request: JudgeRequest, call: number) => ScriptedReply | { readonly raw: string } | Error;
  readonly wait?: () => Promise<void>;
  readonly notes?: readonly string[];
}

const exampleSpec: JudgeSpec = {
  kind: 'openai',
  baseUrl: 'http://127.0.0.1:9/v1',
  model: 'scripted',
  temperature: 0,
  maxTokens: 300,
};

/** A judge without a model: its scores follow from the answer's text alone, and mean nothing. */
export class ScriptedJudge implements Judge {
  readonly spec: JudgeSpec;
  readonly concurrency: number;
  readonly #options: ScriptedJudgeOptions;
  #calls = 0;

  constructor(options: ScriptedJudgeOptions = {}) {
    this.#options = options;
    this.spec = options.spec ?? exampleSpec;
    this.concurrency = options.concurrency ?? 4;
  }

  /** Calls that came in so far: what was paid for. */
  get calls(): number {
    return this.#calls;
  }

  async score(
    request: JudgeRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<JudgeReply> {
    signal?.throwIfAborted();
    this.#calls += 1;
    const { script = () => 'valid' as const, wait, notes = [] } = this.#options;
    const reply = script(request, this.#calls);
    await abortable(wait?.() ?? Promise.resolve(), signal);
    if (reply instanceof Error) throw reply;
    const raw = typeof reply === 'string' ? writeReply(reply, request) : reply.raw;
    const tokensOf = (text: string): number => Math.ceil(text.length / 4);
    const inputTokens = tokensOf(request.rubric.instructions + request.prompt.text + request.answer);
    return { raw, inputTokens, outputTokens: tokensOf(raw), notes };
  }
}

/** A reply of the given kind to this request. */
export function writeReply(kind: ScriptedReply, { rubric, prompt, answer }: JudgeRequest): string {
  const signals = signalsFor(rubric, prompt);
  const valid = {
    reason: 'Scored by a script from the letters of the answer.',
    ...Object.fromEntries(signals.map((signal) => [signal.id, scoreOf(signal, answer)])),
  };
  const replies: Record<ScriptedReply, () => string> = {
    valid: () => JSON.stringify(valid),
    prose: () => 'I would say that this answer is rather good, about eighty out of a hundred.',
    wrongSchema: () => JSON.stringify({ verdict: 'good', points: 80 }),
    outOfRange: () =>
      JSON.stringify({ ...valid, ...Object.fromEntries(signals.map(({ id }) => [id, 1_000_000])) }),
    refusal: () => 'I am sorry, but I cannot rate this text.',
    empty: () => '',
    webPage: () => '<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>',
  };
  return replies[kind]();
}

function scoreOf(signal: Signal, answer: string): number | boolean | string | null {
  const draw = seedOf([signal.id, answer]);
  if (signal.type === 'flag') return draw % 2 === 1;
  if (signal.type === 'choice') return signal.options[draw % signal.options.length]?.id ?? '';
  if (signal.type === 'text') return (draw % 3 > 0 && answer.trim().split(/\s+/)[0]?.slice(0, 80)) || null;
  const steps = Math.floor(signal.max - signal.min) + 1;
  return signal.min + (draw % steps);
}
