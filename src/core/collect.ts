import type { CollectCounts, CollectEvent, CollectOutcome } from './collectEvent.ts';
import { EngineLostError, LockedError, StoreError, isAbort, sentenceOf } from './errors.ts';
import { InFlight } from './inFlight.ts';
import { runLanes } from './lanes.ts';
import type { ModelCard } from './model.ts';
import { type RolloutSpec, groupByEngine, planRollouts } from './plan.ts';
import { type Clock, timestamp } from './ports/clock.ts';
import type { Engine, EngineFacts } from './ports/engine.ts';
import type { Store } from './ports/store.ts';
import type { Rollout } from './rollout.ts';
import { doneRollout, failedRollout } from './rolloutOf.ts';
import type { Run } from './run.ts';
import { readRecords } from './storedRecords.ts';

/** Failures in a row after which the rest would fail as well: a dead server, a broken model. */
const maxFailuresInARow = 5;
/** Reloads of one model without an answer in between. */
const maxReloads = 3;

export interface CollectOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Gives the engine of a model; `fresh` asks for a new one after the old one was lost. */
  readonly openEngine: (model: ModelCard, options: { readonly fresh: boolean }) => Promise<Engine>;
  readonly onEvent?: (event: CollectEvent) => void;
  /** Pause: what is in flight is finished and stored, nothing new begins. */
  readonly pause?: AbortSignal;
  /** Stop: what is in flight is given up. */
  readonly signal?: AbortSignal;
}

/**
 * Generates what a run lacks, and stores each answer as it comes. Called again it goes on where it was.
 * Errors: {@link LockedError} when another tab or process collects this run, {@link StoreError} when an
 * answer cannot be stored. What a model or server does wrong is in the outcome and in failed rollouts.
 */
export async function collectRun(run: Run, options: CollectOptions): Promise<CollectOutcome> {
  const release = await options.store.lock(`run:${run.id}`);
  if (!release) {
    throw new LockedError(
      'This run is being collected in another tab or process. Pause it there first; nothing was changed.',
    );
  }
  try {
    return await new Collection(run, options).collect();
  } finally {
    release();
  }
}

class Collection {
  readonly #run: Run;
  readonly #options: CollectOptions;
  readonly #done = new Set<string>();
  readonly #failed = new Set<string>();
  #total = 0;
  #failuresInARow = 0;
  #lastFailure = '';
  #reloads = 0;
  readonly #inFlight = new InFlight((growth) => this.#emit({ type: 'growing', ...growth }));

  constructor(run: Run, options: CollectOptions) {
    this.#run = run;
    this.#options = options;
  }

  async collect(): Promise<CollectOutcome> {
    const plan = planRollouts(this.#run);
    // Two cards can name the same weights; their cells have the same keys and are collected once.
    this.#total = new Set(plan.map(({ key }) => key)).size;
    await this.#readStored(plan);
    this.#emit({ type: 'planned', counts: this.#counts() });
    try {
      for (const specs of groupByEngine(plan)) {
        const pending = specs.filter(({ key }) => !this.#done.has(key));
        const [first] = pending;
        if (first && !this.#isOver()) await this.#collectModel(first.model, pending);
      }
      return this.#outcome();
    } catch (error) {
      return this.#outcomeOf(error);
    }
  }

  async #readStored(plan: readonly RolloutSpec[]): Promise<void> {
    const keys = plan.map(({ key }) => key);
    const stored = await readRecords(this.#options.store, 'rollouts', keys);
    for (const [key, { status }] of stored) (status === 'done' ? this.#done : this.#failed).add(key);
  }

  #outcomeOf(error: unknown): CollectOutcome {
    const { signal } = this.#options;
    if (signal?.aborted && (isAbort(error) || error === signal.reason)) return this.#outcome();
    if (error instanceof StoreError) throw error;
    return { state: 'broken', counts: this.#counts(), error: sentenceOf(error) };
  }

  async #collectModel(model: ModelCard, pending: readonly RolloutSpec[]): Promise<void> {
    this.#reloads = 0;
    for (let left = pending, fresh = false; left.length > 0 && !this.#isOver(); fresh = true) {
      try {
        const engine = await this.#options.openEngine(model, { fresh });
        const facts = await this.#load(model, engine);
        await runLanes(this.#untilOver(left), facts.concurrency, (spec) =>
          this.#collectOne(spec, engine, facts),
        );
        return;
      } catch (error) {
        if (!(error instanceof EngineLostError) || ++this.#reloads > maxReloads) throw error;
        this.#emit({ type: 'lost', model, error: error.message });
        left = left.filter(({ key }) => !this.#done.has(key));
      }
    }
  }

  #load(model: ModelCard, engine: Engine): Promise<EngineFacts> {
    this.#emit({ type: 'loading', model, progress: null });
    const { signal } = this.#options;
    return engine
      .load({
        ...(signal ? { signal } : {}),
        onProgress: (progress) => this.#emit({ type: 'loading', model, progress }),
      })
      .then((facts) => {
        this.#emit({ type: 'loaded', model, facts });
        return facts;
      });
  }

  async #collectOne(spec: RolloutSpec, engine: Engine, facts: EngineFacts): Promise<void> {
    const { signal } = this.#options;
    let rollout: Rollout;
    try {
      const generation = await this.#inFlight.generate(engine, spec.request, signal);
      rollout = doneRollout(spec, facts, generation, timestamp(this.#options.clock));
    } catch (error) {
      if (error instanceof EngineLostError || signal?.aborted || isAbort(error)) throw error;
      rollout = failedRollout(spec, error, timestamp(this.#options.clock));
    }
    await this.#options.store.put('rollouts', [[rollout.key, rollout]]);
    this.#count(rollout);
    this.#emit({ type: 'rollout', rollout, counts: this.#counts() });
  }

  #count(rollout: Rollout): void {
    if (rollout.status === 'done') {
      this.#done.add(rollout.key);
      this.#failed.delete(rollout.key);
      this.#failuresInARow = 0;
      this.#reloads = 0;
      return;
    }
    this.#failed.add(rollout.key);
    this.#failuresInARow += 1;
    this.#lastFailure = rollout.error;
  }

  *#untilOver(specs: readonly RolloutSpec[]): Iterable<RolloutSpec> {
    for (const spec of specs) {
      if (this.#isOver()) return;
      yield spec;
    }
  }

  #isBroken(): boolean {
    return this.#failuresInARow >= maxFailuresInARow;
  }

  #isOver(): boolean {
    return Boolean(this.#options.pause?.aborted || this.#options.signal?.aborted || this.#isBroken());
  }

  #counts(): CollectCounts {
    return { total: this.#total, done: this.#done.size, failed: this.#failed.size };
  }

  #outcome(): CollectOutcome {
    const counts = this.#counts();
    if (this.#options.signal?.aborted) return { state: 'stopped', counts };
    if (this.#isBroken()) {
      return {
        state: 'broken',
        counts,
        error: `Stopped after ${maxFailuresInARow} failures in a row. The last one: ${this.#lastFailure}`,
      };
    }
    return { state: this.#options.pause?.aborted ? 'paused' : 'complete', counts };
  }

  #emit(event: CollectEvent): void {
    this.#options.onEvent?.(event);
  }
}
