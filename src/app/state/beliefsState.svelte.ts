import type { Belief } from '../../core/belief.ts';
import { type BeliefEvent, collectBeliefs } from '../../core/collectBeliefs.ts';
import { fingerprintOf } from '../../core/model.ts';
import type { BeliefSpec } from '../../core/planBeliefs.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { Run } from '../../core/run.ts';
import { readRecords, readRollouts } from '../../core/storedRecords.ts';
import { CellsState, type CollectPorts } from './cellsState.svelte.ts';
import { letPageRun, runInParts } from './readRunInSteps.ts';

export interface BeliefPorts extends CollectPorts {
  /** The forced questions to a run's models, after its answers that deny being an AI too. */
  readonly planBeliefs: (run: Run, rollouts: Iterable<Rollout>) => Promise<readonly BeliefSpec[]>;
}

/** Collects what the models of one run would say if they had to, and tells how far it is. */
export class BeliefsState extends CellsState {
  readonly #ports: BeliefPorts;
  #denials = $state.raw(0);

  constructor(ports: BeliefPorts) {
    super(ports);
    this.#ports = ports;
  }

  /** Answers of the run that deny being an AI, after whose sentences it is asked. */
  get denials(): number {
    return this.#denials;
  }

  /** Counts what is stored, as after a reload or new answers. Errors: {@link StoreError}. */
  async refresh(run: Run): Promise<void> {
    if (this.isActive) return;
    const { specs, stored } = await readStored(this.#ports, run);
    if (this.isActive) return;
    const done = [...stored.values()].filter(({ status }) => status === 'done').length;
    this.#denials = new Set(specs.flatMap(({ place }) => ('rollout' in place ? [place.rollout] : []))).size;
    this.recount({ total: specs.length, done, failed: stored.size - done });
  }

  /** What is stored, failed ones included. Errors: {@link StoreError}. */
  async read(run: Run): Promise<Belief[]> {
    return [...(await readStored(this.#ports, run)).stored.values()];
  }

  /** Scores what is missing, failed ones included. Resolves when that is over; never throws. */
  async start(run: Run): Promise<void> {
    await this.collect(async (controls) => {
      const specs = await planStoredBeliefs(this.#ports, run);
      const onEvent = (event: BeliefEvent) => {
        if (event.type === 'belief') this.count(event.counts);
        else this.take(event);
      };
      return collectBeliefs(run, specs, { ...this.#ports, ...controls, onEvent });
    });
  }
}

type ReadPorts = Pick<BeliefPorts, 'store' | 'planBeliefs'>;

/** Every forced question to a run, and the records that there are, by key. Errors: {@link StoreError}; so below. */
async function readStored(ports: ReadPorts, run: Run) {
  const specs = await planStoredBeliefs(ports, run);
  const keys = specs.map(({ key }) => key);
  return { specs, stored: await readRecords(ports.store, 'beliefs', keys) };
}

/** Each forced question once, planned step by step with the answers that are stored. */
async function planStoredBeliefs({ store, planBeliefs }: ReadPorts, run: Run): Promise<BeliefSpec[]> {
  const specs = new Map<string, BeliefSpec>();
  for (const part of runInParts(run)) {
    const rollouts = await readRollouts(store, part);
    // The probes come with each part.
    for (const spec of await planBeliefs(part, rollouts.values()))
      if (!specs.has(spec.key)) specs.set(spec.key, spec);
    await letPageRun();
  }
  return [...specs.values()];
}

/**
 * Keys of a run's stored forced answers that none of the other runs asks for: they go with it. To be read before its
 * answers are deleted.
 */
export async function ownBeliefKeys(ports: ReadPorts, run: Run, others: readonly Run[]): Promise<string[]> {
  const own = new Set((await readStored(ports, run)).stored.keys());
  const models = new Set(run.models.map(fingerprintOf));
  const alike = others.filter(
    (other) => other.system === run.system && other.models.some((model) => models.has(fingerprintOf(model))),
  );
  for (const other of own.size > 0 ? alike : []) {
    for (const { key } of await planStoredBeliefs(ports, other)) own.delete(key);
  }
  return [...own];
}
