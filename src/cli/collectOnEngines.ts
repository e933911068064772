import type { CellOptions } from '../core/collectCells.ts';
import type { CollectOutcome } from '../core/collectEvent.ts';
import { systemClock } from '../core/ports/clock.ts';
import { EngineRegistry } from '../engines/engineRegistry.ts';
import { watchInterrupt } from './interrupt.ts';
import { nodeEngines } from './nodeEngines.ts';
import { type ExitCode, exitCodes } from './output.ts';

interface Options<Event> {
  /** What an interruption does not lose, as a sentence. */
  readonly whatIsKept: string;
  readonly apiKeyEnv: string | undefined;
  /** Shows what happens; ended after the last event. */
  readonly onEvent: ((event: Event) => void) & { readonly end: () => void };
}

/** What the work takes besides its store. */
type Parts<Event> = Required<Omit<CellOptions, 'store'>> & { readonly onEvent: (event: Event) => void };

/** Collects with the engines of this machine until all is done or Ctrl-C, and frees them. Errors: those of `work`. */
export async function collectOnEngines<Event>(
  { whatIsKept, apiKeyEnv, onEvent }: Options<Event>,
  work: (parts: Parts<Event>) => Promise<CollectOutcome>,
): Promise<CollectOutcome> {
  const { pause, stop: signal, release } = watchInterrupt(whatIsKept);
  const engines = new EngineRegistry(nodeEngines(apiKeyEnv));
  try {
    return await work({
      ...{ clock: systemClock, onEvent, pause, signal },
      openEngine: (model, { fresh }) => engines.open(model, { fresh }),
    });
  } finally {
    onEvent.end();
    release();
    await engines.closeAll();
  }
}

export function exitCodeOf({ state, counts }: CollectOutcome): ExitCode {
  if (state === 'paused' || state === 'stopped') return exitCodes.interrupted;
  return state === 'complete' && counts.done === counts.total ? exitCodes.done : exitCodes.incomplete;
}
