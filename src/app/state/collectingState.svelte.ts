import { collectRun } from '../../core/collect.ts';
import type { CollectCounts, CollectEvent } from '../../core/collectEvent.ts';
import type { ModelCard } from '../../core/model.ts';
import type { EngineFacts } from '../../core/ports/engine.ts';
import { RecentRate } from '../../core/progress.ts';
import { type DoneRollout, type Rollout, isDone } from '../../core/rollout.ts';
import type { Run } from '../../core/run.ts';
import { CellsState, type CollectPorts } from './cellsState.svelte.ts';
import { readRunInSteps } from './readRunInSteps.ts';

/** Answers in the list that grows while a run is collected: two screens of them. */
const newestShown = 12;
/** Tokens come by the hundred a second; numbers that change more often than this cannot be read. */
const showEveryMs = 500;

export type FailedRollout = Exclude<Rollout, DoneRollout>;

/** What goes on at this moment. */
export interface CollectNow {
  /** Over the last seconds, of answers that are not finished too; null until the first token. */
  readonly tokensPerSecond: number | null;
  /** Answers in the making, and how many there may be at once. */
  readonly inFlight: number;
  readonly atOnce: number;
}

/** Counted with every token, shown now and then. */
interface Meter {
  readonly tokens: RecentRate;
  readonly atOnce: number;
  inFlight: number;
}

/** Collects the answers of one run and tells how far it is. */
export class CollectingState extends CellsState {
  readonly #ports: CollectPorts;
  #newest = $state.raw<readonly DoneRollout[]>([]);
  #failed = $state.raw<readonly FailedRollout[]>([]);
  #meter: Meter | null = null;
  #now = $state.raw<CollectNow | null>(null);

  constructor(ports: CollectPorts) {
    super(ports);
    this.#ports = ports;
  }

  /** Newest first. */
  get newest(): readonly DoneRollout[] {
    return this.#newest;
  }
  get failed(): readonly FailedRollout[] {
    return this.#failed;
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
      const answers = rollouts.filter(isDone);
      total += planned;
      done += answers.length;
      newest = newestOf([...newest, ...answers]);
      failed.push(...rollouts.filter((rollout): rollout is FailedRollout => rollout.status === 'failed'));
    }
    if (this.isActive) return;
    this.recount({ total, done, failed: failed.length });
    this.#failed = failed;
    this.#newest = newest;
  }

  /** Collects what is missing, failed answers included. Resolves when that is over; never throws. */
  async start(run: Run): Promise<void> {
    await this.collect(async (controls) => {
      const timer = setInterval(() => this.#showNow(), showEveryMs);
      try {
        const onEvent = (event: CollectEvent) => this.#take(event);
        return await collectRun(run, { ...this.#ports, ...controls, onEvent });
      } finally {
        clearInterval(timer);
        this.#meter = null;
        this.#showNow();
      }
    });
  }

  #take(event: CollectEvent): void {
    if (event.type === 'growing') this.#measure(event.tokens, event.inFlight);
    else if (event.type === 'rollout') this.#keep(event.rollout, event.counts);
    else this.take(event);
  }

  protected override begin(model: ModelCard, facts: EngineFacts): void {
    super.begin(model, facts);
    const tokens = new RecentRate(this.#ports.clock.now());
    this.#meter = { tokens, atOnce: facts.concurrency, inFlight: 0 };
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

  #keep(rollout: Rollout, counts: CollectCounts): void {
    this.count(counts);
    const others = this.#failed.filter(({ key }) => key !== rollout.key);
    if (rollout.status === 'failed') {
      this.#failed = [...others, rollout];
      return;
    }
    if (others.length !== this.#failed.length) this.#failed = others;
    this.#newest = [rollout, ...this.#newest].slice(0, newestShown);
    rollout.notes?.forEach((note) => this.note(note));
  }
}

function newestOf(answers: DoneRollout[]): DoneRollout[] {
  return answers.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, newestShown);
}
