import { changeRun } from '../../core/changeRun.ts';
import { InputError } from '../../core/errors.ts';
import { type RunExtension, extendRun } from '../../core/extendRun.ts';
import { judgingOf, withJudging } from '../../core/planJudging.ts';
import { lockRun } from '../../core/lockRun.ts';
import type { ModelCard } from '../../core/model.ts';
import { timestamp } from '../../core/ports/clock.ts';
import { fitsRun } from '../../core/rubric.ts';
import { type Judging, type Run, runFormat } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type BeliefPorts, BeliefsState } from './beliefsState.svelte.ts';
import { CollectingState } from './collectingState.svelte.ts';
import {
  type JudgeChoice,
  type JudgingOrder,
  type JudgingPorts,
  JudgingState,
} from './judgingState.svelte.ts';
import { deleteRun } from './deleteRun.ts';
import { type MeasuredSpeed, measureSpeed } from './measureSpeed.ts';
import { countCells } from './readRunInSteps.ts';

export interface RunPorts extends BeliefPorts, JudgingPorts {
  /** The judges that need no key and no network, each with its rubric. */
  readonly roughJudges: () => Promise<readonly JudgeChoice[]>;
}

/** What makes a new run; the rest is given to it here. */
export type RunOrder = Omit<Run, 'format' | 'id' | 'createdAt' | 'judgings'>;

interface Work {
  readonly collecting: CollectingState;
  readonly judging: JudgingState;
  readonly beliefs: BeliefsState;
}

/** The stored runs, and what is being done with them. */
export class RunState {
  readonly #ports: RunPorts;
  readonly #works = new Map<string, Work>();
  readonly #written = new Set<string>();
  #runs = $state.raw<readonly Run[]>([]);
  #isLoaded = $state.raw(false);
  #storedCounts = $state.raw<Readonly<Record<string, number>>>({});

  constructor(ports: RunPorts) {
    this.#ports = ports;
  }

  /** Newest first. */
  get runs(): readonly Run[] {
    return this.#runs;
  }
  get isLoaded(): boolean {
    return this.#isLoaded;
  }
  get isActive(): boolean {
    return this.#runs.some(({ id }) => this.isAtWork(id));
  }

  /** Whether something is being added to what is stored of a run. */
  isAtWork(id: string): boolean {
    return Object.values(this.#work(id)).some(({ isActive }) => isActive);
  }

  /** Answers of a run that are stored; undefined until {@link countStored} came to it. */
  storedOf(id: string): number | undefined {
    return this.collecting(id).counts?.done ?? this.#storedCounts[id];
  }

  find(id: string): Run | undefined {
    return this.#runs.find((run) => run.id === id);
  }
  collecting(id: string): CollectingState {
    return this.#work(id).collecting;
  }
  judging(id: string): JudgingState {
    return this.#work(id).judging;
  }
  beliefs(id: string): BeliefsState {
    return this.#work(id).beliefs;
  }

  /** Errors: {@link StoreError}. */
  async load(): Promise<void> {
    const runs = await this.#ports.store.all('runs');
    this.#runs = runs.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    this.#isLoaded = true;
  }

  /** Reads and counts anew what another has stored, as an import. Errors: {@link StoreError}. */
  async readAgain(): Promise<void> {
    await this.load();
    for (const run of this.#runs) {
      const collecting = this.#works.get(run.id)?.collecting;
      if (collecting?.counts) await collecting.refresh(run);
    }
    await this.countStored();
  }

  /** What earlier answers of a model say of its speed; null when there are none. Errors: {@link StoreError}. */
  measure(model: ModelCard): Promise<MeasuredSpeed | null> {
    return measureSpeed(this.#ports.store, this.#runs, model);
  }

  /** Counts by keys alone, which is quick: failed answers are among them. Errors: {@link StoreError}. */
  async countStored(signal?: AbortSignal): Promise<void> {
    const stored = new Set(await this.#ports.store.keys('rollouts'));
    for (const run of this.#runs) {
      const count = await countCells(run, stored, signal);
      if (count === null) return;
      this.#storedCounts = { ...this.#storedCounts, [run.id]: count };
    }
  }

  /** Stores a new run; nothing is collected yet. Errors: {@link StoreError}. */
  async create(order: RunOrder): Promise<Run> {
    const createdAt = timestamp(this.#ports.clock);
    const run = plainOf({ ...order, format: runFormat, id: crypto.randomUUID(), createdAt, judgings: [] });
    await this.#ports.store.put('runs', [[run.id, run]]);
    this.#show(run);
    return run;
  }

  async rename(id: string, name: string): Promise<Run> {
    if (name.trim() === '') throw new InputError('A run needs a name.');
    return this.#change(id, (run) => ({ ...run, name: name.trim() }));
  }

  /** Adds models, prompts, temperatures or samples. Refused while it is collected. */
  async extend(id: string, more: RunExtension): Promise<Run> {
    this.#refuseActive(id);
    const run = await this.#change(id, (stored) => extendRun(stored, more));
    await this.collecting(id).refresh(run);
    return run;
  }

  /** Deletes a run, and those of its records that no other run and no talk holds. Refused while it is at work. */
  async remove(id: string): Promise<void> {
    this.#refuseActive(id);
    const release = await lockRun(this.#ports.store, id);
    try {
      // Another tab may have added to it, or made others that hold the same answers.
      await this.load();
      const run = this.find(id);
      const others = this.#runs.filter((other) => other.id !== id);
      if (run) await deleteRun(this.#ports, run, others);
    } finally {
      release();
    }
    this.#runs = this.#runs.filter((other) => other.id !== id);
    this.#works.delete(id);
  }

  /** Collects what is missing; a run that becomes whole is scored by the rough judges, so that it has a result. */
  async collect(id: string): Promise<void> {
    const run = this.find(id);
    if (!run) return;
    const { collecting } = this.#work(id);
    await collecting.start(run);
    this.#written.add(id);
    if (collecting.phase.state === 'complete') await this.judgeRoughly(id);
  }

  /** Asks for the forced answers that are missing, failed ones included; never throws. */
  async collectBeliefs(id: string): Promise<void> {
    const run = this.find(id);
    if (!run) return;
    await this.beliefs(id).start(run);
    this.#written.add(id);
  }

  async judgeRoughly(id: string): Promise<void> {
    for (const choice of await this.#ports.roughJudges()) {
      const run = this.find(id);
      if (run && fitsRun(choice.rubric, run)) await this.judge(id, choice);
    }
  }

  /** Scores what has no verdict by this judge and rubric. Errors: {@link StoreError}. */
  async judge(id: string, order: JudgingOrder): Promise<void> {
    if (this.judging(id).isActive) return;
    const judging = judgingOf(order.judge, order.rubric, order.repeat);
    const run = await this.#change(id, (stored) => withJudging(stored, judging));
    await this.judging(id).start(run, order);
    this.#written.add(id);
  }

  /** Whether records of a run were written here since this was asked: some may have replaced others. */
  takeWritten(id: string): boolean {
    return this.#written.delete(id);
  }

  /** Takes in verdicts that came by file. Errors: {@link InputError} while it is judged, {@link StoreError}. */
  async keepVerdicts(id: string, judging: Judging, verdicts: readonly Verdict[]): Promise<void> {
    if (this.judging(id).isActive) throw new InputError('This run is being judged. Stop that first.');
    await this.#keep(id, judging, verdicts);
  }

  /** Takes in a person's label, also while a judge scores the same answers: its verdicts have other keys. */
  async keepLabel(id: string, judging: Judging, label: Verdict): Promise<void> {
    await this.#keep(id, judging, [label]);
  }

  async #keep(id: string, judging: Judging, verdicts: readonly Verdict[]): Promise<void> {
    await this.#change(id, (stored) => withJudging(stored, judging));
    const records = verdicts.map((verdict) => [verdict.key, verdict] as const);
    await this.#ports.store.put('verdicts', records);
    this.#written.add(id);
  }

  #work(id: string): Work {
    const work = this.#works.get(id) ?? {
      collecting: new CollectingState(this.#ports),
      judging: new JudgingState(this.#ports),
      beliefs: new BeliefsState(this.#ports),
    };
    this.#works.set(id, work);
    return work;
  }

  /** Changes the stored form, which another tab may have changed since it was read here. */
  async #change(id: string, change: (run: Run) => Run): Promise<Run> {
    const run = await changeRun(this.#ports.store, id, (stored) => {
      if (!stored) throw new InputError('This run is no longer stored: it was deleted in another tab.');
      return plainOf(change(stored));
    });
    this.#show(run);
    return run;
  }

  #show(run: Run): void {
    const others = this.#runs.filter(({ id }) => id !== run.id);
    this.#runs = [...others, run].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  #refuseActive(id: string): void {
    if (!this.isAtWork(id)) return;
    throw new InputError('This run is at work. Pause it first.');
  }
}

/** Without the proxies of the page's state, which no database stores. */
function plainOf(run: Run): Run {
  const copy: unknown = $state.snapshot(run);
  return copy as Run;
}
