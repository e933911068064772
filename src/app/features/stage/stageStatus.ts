import type { LoadProgress } from '../../../core/ports/engine.ts';
import type { EngineStatus } from '../../state/enginesState.svelte.ts';
import { describeLoad } from '../../state/describeLoad.ts';
import type { StageState } from '../../state/stageState.svelte.ts';

/** The one line of small print that says what goes on; empty while the answer speaks for itself. */
export function stageStatus({ turn }: StageState, engine: EngineStatus): string {
  if (turn.note !== '') return turn.note;
  if (engine.state === 'loading' && turn.phase !== 'speaking') return loadOf(engine.progress);
  if (turn.phase === 'idle' && engine.state === 'failed') return engine.error;
  return turn.phase === 'waiting' ? 'Reading the question' : '';
}

function loadOf(progress: LoadProgress | null): string {
  const { label, value } = describeLoad(progress);
  // Tens: a reader that does not see hears each change.
  return value === null ? label : `${label}, ${Math.floor(value * 10) * 10}%`;
}
