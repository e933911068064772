import type { AssistantTurn } from './chat.ts';
import type { RolloutSpec } from './plan.ts';
import type { Generation, GenerationRequest } from './ports/engine.ts';
import type { Store } from './ports/store.ts';
import { type DoneRollout, isDone } from './rollout.ts';
import { readRecords } from './storedRecords.ts';

/** A stored answer, as far as it can be shown again. */
export interface Recording extends Pick<
  Generation,
  'text' | 'finish' | 'tokens' | 'durationMs' | 'tokenTimesMs' | 'tokenEnds'
> {
  /** Null where it was not stored. */
  readonly promptTokens: number | null;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
  /** Where it was computed, as in {@link EngineFacts}; null where it was not stored. */
  readonly device: string | null;
}

/** The recording of a request to one model; null where there is none. */
export type FindRecording = (request: GenerationRequest) => Promise<Recording | null>;

export function recordingOfRollout(rollout: DoneRollout): Recording {
  const { text, finish, promptTokens, tokens, durationMs, createdAt, engine } = rollout;
  return {
    ...{ text, finish, promptTokens, tokens, durationMs, recordedAt: createdAt, device: engine.device },
    ...timesOf(rollout),
  };
}

/** What had come of a turn that was stopped or failed counts as all of it. */
export function recordingOfTurn(turn: AssistantTurn): Recording {
  const { content, finish, promptTokens = null, tokens, durationMs, device = null } = turn;
  const recordedAt = turn.recordedAt ?? turn.createdAt;
  return {
    ...{ text: content, finish: finish === 'length' ? 'length' : 'stop' },
    ...{ promptTokens, tokens, durationMs, recordedAt, device },
    ...timesOf(turn),
  };
}

/** How many of the cells have a stored answer, equal cells counted once. Errors: {@link StoreError}. */
export async function countRecorded(store: Store, specs: readonly RolloutSpec[]): Promise<number> {
  const keys = [...new Set(specs.map(({ key }) => key))];
  return [...(await readRecords(store, 'rollouts', keys)).values()].filter(isDone).length;
}

function timesOf({ tokenTimesMs, tokenEnds }: Pick<Generation, 'tokenTimesMs' | 'tokenEnds'>) {
  return { ...(tokenTimesMs && { tokenTimesMs }), ...(tokenEnds && { tokenEnds }) };
}
