import { type CollectOptions, collectRun } from '../../core/collect.ts';
import type { CollectCounts, CollectEvent } from '../../core/collectEvent.ts';
import { sentenceOf } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { EngineFacts, LoadProgress } from '../../core/ports/engine.ts';
import type { Store } from '../../core/ports/store.ts';
import { RecentRate, ratePerSecond, secondsLeft } from '../../core/progress.ts';
import type { DoneRollout, Rollout } from '../../core/rollout.ts';
import type { Run } from '../../core/run.ts';
import { readRunInSteps } from './readRunInSteps.ts';

/** Answers in the list that grows while a run is collected: two screens of them. */
const newestShown = 12;
/** Tokens come by the hundred a second; numbers that change more often than this cannot be read. */
const showEveryMs = 500;

export type CollectPhase =
  | { readonly state: 'idle' | 'starting' | 'pausing' | 'stopping' }
  | { readonly state: 'loading'; readonly model: ModelCard; readonly progress: LoadProgress | null }
  | { readonly state: 'collecting'; readonly model: ModelCard }
  | { readonly state: 'complete' | 'paused' | 'stopped' }
  | { readonly state: 'broken'; readonly error: string };

export type FailedRollout = Exclude<Rollout, DoneRollout>;

export interface CollectPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly openEngine: CollectOptions['openEngine'];
}

/** Measured since the model in work was loaded; null until its first answer. */
export interface CollectPace {
  readonly answersPerMinute: number | null;
  readonly secondsLeft: number | null;
}

/** What goes on at this moment. */
export interface CollectNow {
  /** Over the last seconds, of answers that are not finished too; null until the first token. */
  readonly tokensPerSecond: number | null;
  /** Answers in the making, and how many there may be at once. */
  readonly inFlight: number;
  readonly atOnce: number;
}

interface Session {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly finished: number;
}

/** Counted with every token, shown now and then. */
interface Meter {
  readonly tokens: RecentRate;
  readonly atOnce: number;
  inFlight: number;
}

/** Collects one run and tells how far it is. Goes on when the page that shows it is left. */
export class CollectingState {
  readonly #ports: CollectPorts;
  #phase = $state.raw<CollectPhase>({ state: 'idle' });
  #counts = $state.raw<CollectCounts | null>(null);
  #newest = $state.raw<readonly DoneRollout[]>([]);
  #failed = $state.raw<readonly FailedRollout[]>([]);
  #notes = $state.raw<readonly string[]>([]);
  #session = $state.raw<Session | null>(null);
  #meter: Meter | null = null;
  #now = $state.raw<CollectNow | null>(null);
  #pause = new AbortController();
  #stop = new AbortController();

  constructor(ports: CollectPorts) {
    this.#ports = ports;
  }

  get phase(): CollectPhase {
    return this.#phase;
  }
  /** Null until the store was asked. */
  get counts(): CollectCounts | null {
    return this.#counts;
  }
  /** Newest first. */
  get newest(): readonly DoneRollout[] {
    return this.#newest;
  }
  get failed(): readonly FailedRollout[] {
    return this.#failed;
  }
  /** What the engines said of themselves, each sentence once. */
  get notes(): readonly string[] {
    return this.#notes;
  }
  get isActive(): boolean {
    return ['starting', 'loading', 'collecting', 'pausing', 'stopping'].includes(this.#phase.state);
  }
  get isComplete(): boolean {
    return this.#counts !== null && this.#counts.done === this.#counts.total;
  }

  readonly #pace = $derived.by((): CollectPace => {
    const session = this.#session;
    if (!session || !this.#counts) return { answersPerMinute: null, secondsLeft: null };
    const pace = { ...session, left: this.#counts.total - this.#counts.done };
    const answers = ratePerSecond(pace);
    return { answersPerMinute: answers === null ? null : answers * 60, secondsLeft: secondsLeft(pace) };
  });
  get pace(): CollectPace {
    return this.#pace;
  }
  /** Null while no model is at work. */
  get now(): CollectNow | null {
    return this.#now;
  }

  /** Counts what is stored, as after a reload. Errors: {@link StoreError}. */
  async refresh(run: Run): Promise<void> {
    if (this.isActive) return;
    let total = 0;
    let done = 0;
    let newest: DoneRollout[] = [];
    const failed: FailedRollout[] = [];
    // Step by step: to sort 40,000 answers at once would hold up the page.
    for await (const { planned, rollouts } of readRunInSteps(this.#ports.store, run)) {
      const answers = rollouts.filter((rollout): rollout is DoneRollout => rollout.status === 'done');
      total += planned;
      done += answers.length;
      newest = newestOf([...newest, ...answers]);
      failed.push(...rollouts.filter((rollout): rollout is FailedRollout => rollout.status === 'failed'));
    }
    if (this.isActive) return;
    this.#counts = { total, done, failed: failed.length };
    this.#failed = failed;
    this.#newest = newest;
    // A run that grew is no longer complete.
    if (this.#phase.state === 'complete' && done < total) this.#phase = { state: 'idle' };
  }

  /** Collects what is missing, failed answers included. Resolves when that is over; never throws. */
  async start(run: Run): Promise<void> {
    if (this.isActive) return;
    this.#phase = { state: 'starting' };
    this.#session = null;
    this.#notes = [];
    this.#pause = new AbortController();
    this.#stop = new AbortController();
    const timer = setInterval(() => this.#showNow(), showEveryMs);
    try {
      const outcome = await collectRun(run, {
        ...this.#ports,
        onEvent: (event) => this.#take(event),
        pause: this.#pause.signal,
        signal: this.#stop.signal,
      });
      this.#counts = outcome.counts;
      this.#phase = outcome.state === 'broken' ? outcome : { state: outcome.state };
    } catch (error) {
      this.#phase = { state: 'broken', error: sentenceOf(error) };
    } finally {
      clearInterval(timer);
      this.#meter = null;
      this.#showNow();
    }
  }

  /** Begins nothing new; what is in flight is finished and stored. */
  pause(): void {
    if (!this.isActive) return;
    this.#pause.abort();
    this.#phase = { state: 'pausing' };
  }

  /** Gives up what is in flight. */
  stop(): void {
    if (!this.isActive) return;
    this.#phase = { state: 'stopping' };
    this.#stop.abort(new DOMException('Stopped by the user.', 'AbortError'));
  }

  #take(event: CollectEvent): void {
    if (event.type === 'growing') this.#measure(event.tokens, event.inFlight);
    else if (event.type === 'planned') this.#counts = event.counts;
    else if (event.type === 'loading')
      this.#show({ state: 'loading', model: event.model, progress: event.progress });
    else if (event.type === 'loaded') this.#begin(event.model, event.facts);
    else if (event.type === 'lost') this.#note(`${event.error} ${event.model.name} was loaded again.`);
    else this.#keep(event.rollout, event.counts);
  }

  #begin(model: ModelCard, { notes, concurrency }: EngineFacts): void {
    notes.forEach((note) => this.#note(note));
    const nowMs = this.#ports.clock.now();
    this.#session = { startedAtMs: nowMs, nowMs, finished: 0 };
    this.#meter = { tokens: new RecentRate(nowMs), atOnce: concurrency, inFlight: 0 };
    this.#show({ state: 'collecting', model });
  }

  #measure(tokens: number, inFlight: number): void {
    if (!this.#meter) return;
    this.#meter.inFlight = inFlight;
    if (tokens > 0) this.#meter.tokens.add(tokens, this.#ports.clock.now());
  }

  #showNow(): void {
    const meter = this.#meter;
    this.#now = meter && {
      tokensPerSecond: meter.tokens.perSecond(this.#ports.clock.now()),
      ...{ inFlight: meter.inFlight, atOnce: meter.atOnce },
    };
  }

  /** A pause or stop that was asked for stays in view until it is over. */
  #show(phase: CollectPhase): void {
    if (this.#phase.state !== 'pausing' && this.#phase.state !== 'stopping') this.#phase = phase;
  }

  #note(sentence: string): void {
    if (!this.#notes.includes(sentence)) this.#notes = [...this.#notes, sentence];
  }

  #keep(rollout: Rollout, counts: CollectCounts): void {
    this.#counts = counts;
    const others = this.#failed.filter(({ key }) => key !== rollout.key);
    if (rollout.status === 'failed') {
      this.#failed = [...others, rollout];
      return;
    }
    if (others.length !== this.#failed.length) this.#failed = others;
    this.#newest = [rollout, ...this.#newest].slice(0, newestShown);
    rollout.notes?.forEach((note) => this.#note(note));
    if (!this.#session) return;
    const { startedAtMs, finished } = this.#session;
    this.#session = { startedAtMs, nowMs: this.#ports.clock.now(), finished: finished + 1 };
  }
}

function newestOf(answers: DoneRollout[]): DoneRollout[] {
  return answers.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, newestShown);
}
