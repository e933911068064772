import { type CellOptions, collectCells } from './collectCells.ts';
import type { CollectEvent, CollectOutcome } from './collectEvent.ts';
import { InFlight } from './inFlight.ts';
import { groupByEngine, planRollouts } from './plan.ts';
import { timestamp } from './ports/clock.ts';
import { doneRollout, failedRollout } from './rolloutOf.ts';
import type { Run } from './run.ts';

export interface CollectOptions extends CellOptions {
  readonly onEvent?: (event: CollectEvent) => void;
}

/**
 * Generates what a run lacks, and stores each answer as it comes. Called again it goes on where it was.
 * Errors: as of {@link collectCells}.
 */
export function collectRun(run: Run, options: CollectOptions): Promise<CollectOutcome> {
  const { clock, signal, onEvent = () => undefined } = options;
  const inFlight = new InFlight((growth) => onEvent({ type: 'growing', ...growth }));
  return collectCells(
    {
      collection: 'rollouts',
      runId: run.id,
      groups: groupByEngine(planRollouts(run), ({ prompt }) => prompt),
      ask: async (spec, engine, facts) =>
        doneRollout(spec, facts, await inFlight.generate(engine, spec.request, signal), timestamp(clock)),
      fail: (spec, error) => failedRollout(spec, error, timestamp(clock)),
      onEvent,
      onRecord: (rollout, counts) => onEvent({ type: 'rollout', rollout, counts }),
    },
    options,
  );
}
