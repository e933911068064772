import type { CellOptions } from '../../core/collectCells.ts';
import type { CellEvent, CollectCounts, CollectOutcome } from '../../core/collectEvent.ts';
import { sentenceOf } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { EngineFacts, LoadProgress } from '../../core/ports/engine.ts';
import type { Store } from '../../core/ports/store.ts';
import { ratePerSecond, secondsLeft } from '../../core/progress.ts';

export type CollectPhase =
  | { readonly state: 'idle' | 'starting' | 'pausing' | 'stopping' }
  | { readonly state: 'loading'; readonly model: ModelCard; readonly progress: LoadProgress | null }
  | { readonly state: 'collecting'; readonly model: ModelCard }
  | { readonly state: 'complete' | 'paused' | 'stopped' }
  | { readonly state: 'broken'; readonly error: string };

export interface CollectPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly openEngine: CellOptions['openEngine'];
}

/** Measured since the model in work was loaded; null until its first answer. */
interface CollectPace {
  readonly answersPerMinute: number | null;
  readonly secondsLeft: number | null;
}

interface Session {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly finished: number;
}

/** How far the collecting of cells is, whatever is asked in them. Goes on when the page that shows it is left. */
export abstract class CellsState {
  readonly #clock: Clock;
  #phase = $state.raw<CollectPhase>({ state: 'idle' });
  #counts = $state.raw<CollectCounts | null>(null);
  #notes = $state.raw<readonly string[]>([]);
  #session = $state.raw<Session | null>(null);
  #pause = new AbortController();
  #stop = new AbortController();

  constructor({ clock }: Pick<CollectPorts, 'clock'>) {
    this.#clock = clock;
  }

  get phase(): CollectPhase {
    return this.#phase;
  }
  /** Null until the store was asked. */
  get counts(): CollectCounts | null {
    return this.#counts;
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

  /** Reckoned when it is read: a derived would end with whoever first asked for this run's work. */
  get pace(): CollectPace {
    const session = this.#session;
    if (!session || !this.#counts) return { answersPerMinute: null, secondsLeft: null };
    const pace = { ...session, left: this.#counts.total - this.#counts.done };
    const answers = ratePerSecond(pace);
    return { answersPerMinute: answers === null ? null : answers * 60, secondsLeft: secondsLeft(pace) };
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

  /** Collects, unless it does so already. Resolves when that is over; never throws. */
  protected async collect(
    collect: (controls: Required<Pick<CellOptions, 'pause' | 'signal'>>) => Promise<CollectOutcome>,
  ): Promise<void> {
    if (this.isActive) return;
    this.#phase = { state: 'starting' };
    this.#session = null;
    this.#notes = [];
    this.#pause = new AbortController();
    this.#stop = new AbortController();
    try {
      const outcome = await collect({ pause: this.#pause.signal, signal: this.#stop.signal });
      this.#counts = outcome.counts;
      this.#phase = outcome.state === 'broken' ? outcome : { state: outcome.state };
    } catch (error) {
      this.#phase = { state: 'broken', error: sentenceOf(error) };
    }
  }

  protected take(event: CellEvent): void {
    if (event.type === 'planned') this.#counts = event.counts;
    else if (event.type === 'loading')
      this.#show({ state: 'loading', model: event.model, progress: event.progress });
    else if (event.type === 'loaded') this.begin(event.model, event.facts);
    else this.note(`${event.error} ${event.model.name} was loaded again.`);
  }

  protected begin(model: ModelCard, { notes }: EngineFacts): void {
    notes.forEach((note) => this.note(note));
    const nowMs = this.#clock.now();
    this.#session = { startedAtMs: nowMs, nowMs, finished: 0 };
    this.#show({ state: 'collecting', model });
  }

  /** What is stored, when nothing is at work. What grew is no longer complete. */
  protected recount(counts: CollectCounts): void {
    this.#counts = counts;
    if (this.#phase.state === 'complete' && counts.done < counts.total) this.#phase = { state: 'idle' };
  }

  /** A record more. */
  protected count(counts: CollectCounts): void {
    const isDone = counts.done > (this.#counts?.done ?? 0);
    this.#counts = counts;
    if (!this.#session || !isDone) return;
    const { startedAtMs, finished } = this.#session;
    this.#session = { startedAtMs, nowMs: this.#clock.now(), finished: finished + 1 };
  }

  protected note(sentence: string): void {
    if (!this.#notes.includes(sentence)) this.#notes = [...this.#notes, sentence];
  }

  /** A pause or stop that was asked for stays in view until it is over. */
  #show(phase: CollectPhase): void {
    if (this.#phase.state !== 'pausing' && this.#phase.state !== 'stopping') this.#phase = phase;
  }
}
