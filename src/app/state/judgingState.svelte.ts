import { sentenceOf } from '../../core/errors.ts';
import { type JudgingEstimate, type TokenUse, estimateJudging } from '../../core/estimate.ts';
import { type Budget, type JudgingCounts, type JudgingEvent, judgeRun } from '../../core/judging.ts';
import { type Repeat, judgingOf, planJudging } from '../../core/planJudging.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Judge } from '../../core/ports/judge.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Run } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { JudgeJob } from '../../core/verdictOf.ts';
import { letPageRun, runInParts } from './readRunInSteps.ts';

export type JudgingPhase =
  | { readonly state: 'idle' | 'judging' | 'offline' | 'stopping' }
  | { readonly state: 'complete' | 'stopped' | 'budget' }
  | { readonly state: 'broken'; readonly error: string };

export interface JudgingPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly isOnline: () => boolean;
  /** Resolves when there is a network; rejects with the signal's reason when aborted. */
  readonly untilOnline: (signal?: AbortSignal) => Promise<void>;
}

/** By whom and by what an answer is scored. */
export interface JudgeChoice {
  readonly judge: Judge;
  readonly rubric: Rubric;
}

export interface JudgingOrder extends JudgeChoice {
  readonly budget?: Budget;
  readonly retryFailed?: boolean;
  readonly repeat?: Repeat;
}

export type FailedVerdict = Extract<Verdict, { status: 'failed' }>;

/** Scores one run and tells how far it is. */
export class JudgingState {
  readonly #ports: JudgingPorts;
  #phase = $state.raw<JudgingPhase>({ state: 'idle' });
  #counts = $state.raw<JudgingCounts | null>(null);
  #failed = $state.raw<readonly FailedVerdict[]>([]);
  #jobs = $state.raw<readonly JudgeJob[]>([]);
  #estimate = $state.raw<JudgingEstimate | null>(null);
  #turn = 0;
  #stop = new AbortController();

  constructor(ports: JudgingPorts) {
    this.#ports = ports;
  }

  get phase(): JudgingPhase {
    return this.#phase;
  }
  get counts(): JudgingCounts | null {
    return this.#counts;
  }
  get failed(): readonly FailedVerdict[] {
    return this.#failed;
  }
  get isActive(): boolean {
    return ['judging', 'offline', 'stopping'].includes(this.#phase.state);
  }

  /** What the open calls of the surveyed choice will take; null for rules, which take nothing. */
  get estimate(): JudgingEstimate | null {
    return this.#estimate;
  }
  /** The answers that the surveyed choice scores, with the verdicts that are stored. */
  get jobs(): readonly JudgeJob[] {
    return this.#jobs;
  }

  /** Looks up what this choice has to score. A newer call overtakes an older. Errors: {@link StoreError}. */
  async survey(run: Run, { judge, rubric }: JudgeChoice): Promise<void> {
    const turn = ++this.#turn;
    const judging = judgingOf(judge, rubric);
    const jobs: JudgeJob[] = [];
    for (const part of runInParts(run)) {
      jobs.push(...(await planJudging(this.#ports.store, part, judging, rubric)));
      await letPageRun();
    }
    const { spec } = judge;
    const estimate = spec.kind !== 'openai' ? null : await estimateInSteps(jobs, rubric, spec.maxTokens);
    if (this.isActive || turn !== this.#turn) return;
    this.#jobs = jobs;
    this.#estimate = estimate;
    this.#show(jobs);
  }

  /** Forgets how the last judging ended, as when another judge is chosen. */
  reset(): void {
    if (this.isActive) return;
    this.#turn += 1;
    this.#phase = { state: 'idle' };
    this.#counts = null;
    this.#failed = [];
    this.#jobs = [];
    this.#estimate = null;
  }

  /** Scores what has no verdict, or only what failed. Resolves when that is over; never throws. */
  async start(run: Run, order: JudgingOrder): Promise<void> {
    if (this.isActive) return;
    this.#phase = { state: 'judging' };
    this.#stop = new AbortController();
    try {
      // Only a judge that is asked over a network has to wait for one.
      const isRemote = order.judge.spec.kind === 'openai';
      const outcome = await judgeRun(run, {
        ...order,
        store: this.#ports.store,
        clock: this.#ports.clock,
        ...(isRemote ? { untilOnline: (signal) => this.#waitForNetwork(signal) } : {}),
        onEvent: (event) => this.#take(event),
        signal: this.#stop.signal,
      });
      this.#counts = outcome.counts;
      this.#phase = outcome.state === 'broken' ? outcome : { state: outcome.state };
    } catch (error) {
      this.#phase = { state: 'broken', error: sentenceOf(error) };
    }
  }

  /** Gives up the calls in flight; the verdicts that came are kept. */
  stop(): void {
    if (!this.isActive) return;
    this.#phase = { state: 'stopping' };
    this.#stop.abort(new DOMException('Stopped by the user.', 'AbortError'));
  }

  async #waitForNetwork(signal?: AbortSignal): Promise<void> {
    if (this.#ports.isOnline()) return;
    if (this.#phase.state === 'judging') this.#phase = { state: 'offline' };
    await this.#ports.untilOnline(signal);
    if (this.#phase.state === 'offline') this.#phase = { state: 'judging' };
  }

  #take(event: JudgingEvent): void {
    this.#counts = event.counts;
    if (event.type === 'planned') return;
    const { verdict } = event;
    const others = this.#failed.filter(({ key }) => key !== verdict.key);
    if (verdict.status === 'failed') this.#failed = [...others, verdict];
    else if (others.length !== this.#failed.length) this.#failed = others;
  }

  #show(jobs: readonly JudgeJob[]): void {
    const stored = jobs.flatMap((job) => (job.stored ? [job.stored] : []));
    this.#failed = stored.filter((verdict): verdict is FailedVerdict => verdict.status === 'failed');
    const scored = stored.length - this.#failed.length;
    this.#counts = { total: jobs.length, scored, failed: this.#failed.length, spent: null };
  }
}

/** Each call's prompt is written out to be measured: about 0.1 ms, so 200 at a time leave the page free. */
async function estimateInSteps(
  jobs: readonly JudgeJob[],
  rubric: Rubric,
  maxTokens: number,
): Promise<JudgingEstimate | null> {
  const known = jobs.flatMap(({ stored }) => (stored ? [stored] : []));
  const open = jobs.filter(({ stored }) => stored === undefined);
  let sum: JudgingEstimate | null = null;
  for (let start = 0; start < open.length; start += 200) {
    const requests = open
      .slice(start, start + 200)
      .map(({ prompt, rollout }) => ({ rubric, prompt, answer: rollout.text }));
    const next = estimateJudging(requests, { maxTokens, known });
    sum = sum ? addEstimates(sum, next) : next;
    await letPageRun();
  }
  return sum;
}

function addEstimates(a: JudgingEstimate, b: JudgingEstimate): JudgingEstimate {
  const add = (x: TokenUse, y: TokenUse): TokenUse => ({
    inputTokens: x.inputTokens + y.inputTokens,
    outputTokens: x.outputTokens + y.outputTokens,
  });
  return { ...a, calls: a.calls + b.calls, likely: add(a.likely, b.likely), high: add(a.high, b.high) };
}
