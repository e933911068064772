import { sentenceOf } from '../../core/errors.ts';
import {
  type Budget,
  type JudgeJob,
  type JudgingCounts,
  type JudgingEvent,
  judgeRun,
  judgingOf,
  planJudging,
} from '../../core/judging.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Judge } from '../../core/ports/judge.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Run } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import { runInParts } from './readRunInSteps.ts';

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
}

export type FailedVerdict = Extract<Verdict, { status: 'failed' }>;

/** Scores one run and tells how far it is. */
export class JudgingState {
  readonly #ports: JudgingPorts;
  #phase = $state.raw<JudgingPhase>({ state: 'idle' });
  #counts = $state.raw<JudgingCounts | null>(null);
  #failed = $state.raw<readonly FailedVerdict[]>([]);
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

  /** The answers that this choice scores, with the verdicts that are stored. Errors: {@link StoreError}. */
  async survey(run: Run, { judge, rubric }: JudgeChoice): Promise<readonly JudgeJob[]> {
    const judging = judgingOf(judge, rubric);
    const jobs: JudgeJob[] = [];
    for (const part of runInParts(run))
      jobs.push(...(await planJudging(this.#ports.store, part, judging, rubric)));
    if (!this.isActive) this.#show(jobs);
    return jobs;
  }

  /** Scores what has no verdict, or only what failed. Resolves when that is over; never throws. */
  async start(run: Run, order: JudgingOrder): Promise<void> {
    if (this.isActive) return;
    this.#phase = { state: 'judging' };
    this.#stop = new AbortController();
    try {
      // Only a judge that is asked over a network has to wait for one.
      const isRemote = order.judge.spec.kind !== 'rules';
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
    this.#phase = { state: 'idle' };
  }
}
