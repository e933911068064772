import type { CellEvent, CollectCounts, CollectOutcome } from './collectEvent.ts';
import { EngineLostError, LockedError, StoreError, isAbort, sentenceOf } from './errors.ts';
import { runLanes } from './lanes.ts';
import type { ModelCard } from './model.ts';
import type { Cell } from './plan.ts';
import type { Clock } from './ports/clock.ts';
import type { Engine, EngineFacts } from './ports/engine.ts';
import type { Collections, Store } from './ports/store.ts';
import { readRecords } from './storedRecords.ts';

/** Failures in a row after which the rest of a model's would fail as well: a dead server, one that cannot do it. */
const maxFailuresInARow = 5;
/** Reloads of one model without an answer in between. */
const maxReloads = 3;

export interface CellOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Gives the engine of a model; `fresh` asks for a new one after the old one was lost. */
  readonly openEngine: (model: ModelCard, options: { readonly fresh: boolean }) => Promise<Engine>;
  /** Pause: what is in flight is finished and stored, nothing new begins. */
  readonly pause?: AbortSignal;
  /** Stop: what is in flight is given up. */
  readonly signal?: AbortSignal;
}

/** What is asked of engines cell by cell, and where the records go. */
export interface CellWork<C extends 'rollouts' | 'beliefs', Spec extends Cell> {
  readonly collection: C;
  readonly runId: string;
  /** Cells that one engine serves, in their order; no key stands twice. */
  readonly groups: readonly (readonly Spec[])[];
  /** Errors: as of the engine. */
  readonly ask: (spec: Spec, engine: Engine, facts: EngineFacts) => Promise<Collections[C]>;
  /** The record that an answer could not be had. */
  readonly fail: (spec: Spec, error: unknown) => Collections[C];
  readonly onEvent: (event: CellEvent) => void;
  readonly onRecord: (record: Collections[C], counts: CollectCounts) => void;
}

/**
 * Collects what is not stored yet, and stores each record as it comes. Called again it goes on where it was. An engine
 * that fails keeps none of the others from their cells.
 * Errors: {@link LockedError} when another tab or process collects this run, {@link StoreError} when a
 * record cannot be stored. What a model or server does wrong is in the outcome and in failed records.
 */
export async function collectCells<C extends 'rollouts' | 'beliefs', Spec extends Cell>(
  work: CellWork<C, Spec>,
  options: CellOptions,
): Promise<CollectOutcome> {
  const release = await options.store.lock(`run:${work.runId}`);
  if (!release) {
    throw new LockedError(
      'This run is being collected in another tab or process. Pause it there first; nothing was changed.',
    );
  }
  try {
    return await new CellCollection(work, options).collect();
  } finally {
    release();
  }
}

class CellCollection<C extends 'rollouts' | 'beliefs', Spec extends Cell> {
  readonly #work: CellWork<C, Spec>;
  readonly #options: CellOptions;
  readonly #done = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #total: number;
  #failuresInARow = 0;
  #lastFailure = '';
  #reloads = 0;
  /** A sentence for each engine that could not go on. */
  readonly #faults: string[] = [];

  constructor(work: CellWork<C, Spec>, options: CellOptions) {
    this.#work = work;
    this.#options = options;
    this.#total = work.groups.flat().length;
  }

  async collect(): Promise<CollectOutcome> {
    await this.#readStored();
    this.#work.onEvent({ type: 'planned', counts: this.#counts() });
    for (const group of this.#work.groups) {
      const pending = group.filter(({ key }) => !this.#done.has(key));
      const [first] = pending;
      if (first && !this.#isStopped()) await this.#collectGroup(first.model, pending);
    }
    return this.#outcome();
  }

  async #collectGroup(model: ModelCard, pending: readonly Spec[]): Promise<void> {
    const { signal } = this.#options;
    const name = this.#work.groups.length > 1 ? `${model.name}: ` : '';
    this.#failuresInARow = 0;
    try {
      await this.#collectModel(model, pending);
      if (!this.#isBroken()) return;
      const last = `The last one: ${this.#lastFailure}`;
      this.#faults.push(`${name}Stopped after ${maxFailuresInARow} failures in a row. ${last}`);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (signal?.aborted && (isAbort(error) || error === signal.reason)) return;
      this.#faults.push(`${name}${sentenceOf(error)}`);
    }
  }

  async #readStored(): Promise<void> {
    const { collection, groups } = this.#work;
    const keys = groups.flat().map(({ key }) => key);
    const stored = await readRecords(this.#options.store, collection, keys);
    for (const [key, { status }] of stored) (status === 'done' ? this.#done : this.#failed).add(key);
  }

  async #collectModel(model: ModelCard, pending: readonly Spec[]): Promise<void> {
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
        this.#work.onEvent({ type: 'lost', model, error: error.message });
        left = left.filter(({ key }) => !this.#done.has(key));
      }
    }
  }

  #load(model: ModelCard, engine: Engine): Promise<EngineFacts> {
    this.#work.onEvent({ type: 'loading', model, progress: null });
    const { signal } = this.#options;
    return engine
      .load({
        ...(signal ? { signal } : {}),
        onProgress: (progress) => this.#work.onEvent({ type: 'loading', model, progress }),
      })
      .then((facts) => {
        this.#work.onEvent({ type: 'loaded', model, facts });
        return facts;
      });
  }

  async #collectOne(spec: Spec, engine: Engine, facts: EngineFacts): Promise<void> {
    const { collection, ask, fail, onRecord } = this.#work;
    const { signal, store } = this.#options;
    let record: Collections[C];
    try {
      record = await ask(spec, engine, facts);
    } catch (error) {
      if (error instanceof EngineLostError || signal?.aborted || isAbort(error)) throw error;
      record = fail(spec, error);
    }
    await store.put(collection, [[record.key, record]]);
    this.#count(record);
    onRecord(record, this.#counts());
  }

  #count(record: Collections[C]): void {
    if (record.status === 'done') {
      this.#done.add(record.key);
      this.#failed.delete(record.key);
      this.#failuresInARow = 0;
      this.#reloads = 0;
      return;
    }
    this.#failed.add(record.key);
    this.#failuresInARow += 1;
    this.#lastFailure = record.error;
  }

  *#untilOver(specs: readonly Spec[]): Iterable<Spec> {
    for (const spec of specs) {
      if (this.#isOver()) return;
      yield spec;
    }
  }

  #isBroken(): boolean {
    return this.#failuresInARow >= maxFailuresInARow;
  }

  #isStopped(): boolean {
    return Boolean(this.#options.pause?.aborted || this.#options.signal?.aborted);
  }

  #isOver(): boolean {
    return this.#isStopped() || this.#isBroken();
  }

  #counts(): CollectCounts {
    return { total: this.#total, done: this.#done.size, failed: this.#failed.size };
  }

  #outcome(): CollectOutcome {
    const counts = this.#counts();
    if (this.#options.signal?.aborted) return { state: 'stopped', counts };
    if (this.#faults.length > 0) return { state: 'broken', counts, error: this.#faults.join(' ') };
    return { state: this.#options.pause?.aborted ? 'paused' : 'complete', counts };
  }
}
