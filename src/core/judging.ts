import { withAbort } from './abortable.ts';
import { changeRun } from './changeRun.ts';
import { JudgeError, JudgeRefusedError, LockedError, StoreError, isAbort, sentenceOf } from './errors.ts';
import { type Prices, moneyOf, worstCase } from './estimate.ts';
import { runLanes } from './lanes.ts';
import { type Clock, timestamp } from './ports/clock.ts';
import type { Judge, JudgeReply, JudgeRequest } from './ports/judge.ts';
import type { Store } from './ports/store.ts';
import { type Repeat, drawShare, judgingOf, planJudging, withJudging } from './planJudging.ts';
import type { Rubric } from './rubric.ts';
import type { Judging, Run } from './run.ts';
import type { Verdict } from './verdict.ts';
import { type JudgeJob, failedVerdict, verdictOf, withLostTries } from './verdictOf.ts';

/** Errors in a row after which the judge is taken to be down. */
const maxErrorsInARow = 5;

/** A hard limit on what a judging may spend. */
export interface Budget {
  readonly limit: number;
  /** What is spent before the first call, in the same currency. */
  readonly spent: number;
  readonly prices: Prices;
  /** Longest reply that the judge may give. */
  readonly maxTokens: number;
}

export interface JudgingCounts {
  readonly total: number;
  readonly scored: number;
  readonly failed: number;
  /** In the budget's currency; null without one. */
  readonly spent: number | null;
}

export type JudgingEvent =
  | { readonly type: 'planned'; readonly counts: JudgingCounts }
  | { readonly type: 'verdict'; readonly verdict: Verdict; readonly counts: JudgingCounts };

export type JudgingOutcome =
  | { readonly state: 'complete' | 'stopped' | 'budget'; readonly counts: JudgingCounts }
  | { readonly state: 'broken'; readonly counts: JudgingCounts; readonly error: string };

export interface JudgingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly judge: Judge;
  readonly rubric: Rubric;
  readonly budget?: Budget;
  /** Only the verdicts that failed before; otherwise what has no verdict yet. */
  readonly retryFailed?: boolean;
  /** Scores a random share again, as a judging of its own, to see how far the judge agrees with itself. */
  readonly repeat?: Repeat;
  /** Resolves when there is a network; judging waits for it before each call. */
  readonly untilOnline?: (signal?: AbortSignal) => Promise<void>;
  readonly onEvent?: (event: JudgingEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Scores what has no verdict yet, and stores each verdict as it comes. A verdict that is stored is not asked
 * for again. Errors: {@link LockedError}, {@link StoreError}; what the judge does wrong is in the outcome and
 * in failed verdicts.
 */
export async function judgeRun(run: Run, options: JudgingOptions): Promise<JudgingOutcome> {
  const judging = judgingOf(options.judge, options.rubric, options.repeat);
  const release = await options.store.lock(`judging:${run.id}`);
  if (!release) {
    throw new LockedError('This run is being judged in another tab or process. Stop it there first.');
  }
  try {
    await changeRun(options.store, run.id, (stored) => withJudging(stored ?? run, judging));
    const all = await planJudging(options.store, run, judging, options.rubric);
    const jobs = options.repeat ? drawShare(all, options.repeat.share, run.seed) : all;
    return await new JudgingPass(judging, jobs, options).judge();
  } finally {
    release();
  }
}

/** A job about to be asked, with the most that it can cost; 0 without a budget. */
interface JudgeCall {
  readonly job: JudgeJob;
  readonly worst: number;
  lostTries: number;
}

class JudgingPass {
  readonly #judging: Judging;
  readonly #options: JudgingOptions;
  readonly #todo: readonly JudgeJob[];
  readonly #total: number;
  #scored: number;
  readonly #failed: Set<string>;
  #spent: number;
  /** Worst-case cost of the calls in flight: with it the limit holds whatever they turn out to cost. */
  #reserved = 0;
  #errorsInARow = 0;
  #end: { readonly state: 'budget' } | { readonly state: 'broken'; readonly error: string } | null = null;

  constructor(judging: Judging, jobs: readonly JudgeJob[], options: JudgingOptions) {
    this.#judging = judging;
    this.#options = options;
    this.#total = jobs.length;
    this.#spent = options.budget?.spent ?? 0;
    this.#scored = jobs.filter(({ stored }) => stored?.status === 'scored').length;
    const failed = jobs.filter(({ stored }) => stored?.status === 'failed');
    this.#failed = new Set(failed.map(({ key }) => key));
    this.#todo = options.retryFailed ? failed : jobs.filter(({ stored }) => stored === undefined);
  }

  async judge(): Promise<JudgingOutcome> {
    const { judge, signal, onEvent } = this.#options;
    onEvent?.({ type: 'planned', counts: this.#counts() });
    try {
      await runLanes(this.#untilOver(), judge.concurrency, (call) => this.#judgeOne(call));
    } catch (error) {
      if (error instanceof StoreError || !signal?.aborted) throw error;
    }
    const counts = this.#counts();
    if (signal?.aborted) return { state: 'stopped', counts };
    return this.#end === null ? { state: 'complete', counts } : { ...this.#end, counts };
  }

  *#untilOver(): Iterable<JudgeCall> {
    for (const job of this.#todo) {
      if (this.#options.signal?.aborted || this.#end !== null) return;
      const { budget } = this.#options;
      const worst = this.#worstMoney(job);
      if (budget && this.#spent + this.#reserved + worst > budget.limit) {
        this.#end = { state: 'budget' };
        return;
      }
      yield { job, worst, lostTries: 0 };
    }
  }

  async #judgeOne(call: JudgeCall): Promise<void> {
    const { signal } = this.#options;
    this.#reserved += call.worst;
    try {
      await this.#ask(call);
    } catch (error) {
      if (error instanceof StoreError || signal?.aborted || isAbort(error)) throw error;
      await this.#fail(call, error);
    } finally {
      this.#reserved -= call.worst;
    }
  }

  async #ask(call: JudgeCall): Promise<void> {
    const { judge, rubric, signal, untilOnline, clock } = this.#options;
    await untilOnline?.(signal);
    const reply = await withAbort(signal, (over) =>
      judge.score(this.#requestOf(call.job), {
        signal: over.signal,
        onLostTry: () => this.#loseTry(call, over),
      }),
    );
    this.#spent += this.#moneyOf(reply, call.worst);
    this.#errorsInARow = 0;
    await this.#keep(verdictOf(call.job, this.#judging, rubric, reply, timestamp(clock)), call);
  }

  /** A lost try may be billed, so it counts at the worst; the next try has to fit into the budget again. */
  #loseTry(call: JudgeCall, over: AbortController): void {
    call.lostTries += 1;
    this.#spent += call.worst;
    const { budget } = this.#options;
    if (!budget || this.#spent + this.#reserved <= budget.limit) return;
    over.abort(new JudgeError('The judge gave no answer in time, and another try could pass the budget.'));
  }

  async #fail(call: JudgeCall, error: unknown): Promise<void> {
    if (error instanceof JudgeRefusedError) {
      this.#end ??= { state: 'broken', error: error.message };
      return;
    }
    this.#errorsInARow += 1;
    if (this.#errorsInARow >= maxErrorsInARow) {
      const sentence = `Stopped after ${maxErrorsInARow} errors in a row. The last one: ${sentenceOf(error)}`;
      this.#end ??= { state: 'broken', error: sentence };
    }
    const createdAt = timestamp(this.#options.clock);
    await this.#keep(failedVerdict(call.job, this.#judging, sentenceOf(error), createdAt), call);
  }

  async #keep(read: Verdict, { lostTries }: JudgeCall): Promise<void> {
    const verdict = withLostTries(read, lostTries);
    await this.#options.store.put('verdicts', [[verdict.key, verdict]]);
    if (verdict.status === 'scored') {
      this.#scored += 1;
      this.#failed.delete(verdict.key);
    } else {
      this.#failed.add(verdict.key);
    }
    this.#options.onEvent?.({ type: 'verdict', verdict, counts: this.#counts() });
  }

  #requestOf({ prompt, rollout }: JudgeJob): JudgeRequest {
    return { rubric: this.#options.rubric, prompt, answer: rollout.text };
  }

  #worstMoney(job: JudgeJob): number {
    const { budget } = this.#options;
    return budget ? moneyOf(worstCase(this.#requestOf(job), budget.maxTokens), budget.prices) : 0;
  }

  /** What a call cost. A server that does not say is taken at the worst, so that the limit holds. */
  #moneyOf({ inputTokens, outputTokens }: JudgeReply, worst: number): number {
    const { budget } = this.#options;
    if (!budget) return 0;
    if (inputTokens === null || outputTokens === null) return worst;
    return moneyOf({ inputTokens, outputTokens }, budget.prices);
  }

  #counts(): JudgingCounts {
    const spent = this.#options.budget ? this.#spent : null;
    return { total: this.#total, scored: this.#scored, failed: this.#failed.size, spent };
  }
}
