import { type AssistantTurn, type Chat, branchOf } from './chat.ts';
import { hashOf } from './ids.ts';
import { type ModelCard, fingerprintOf } from './model.ts';
import type { RolloutSpec } from './plan.ts';
import type { Generation, GenerationRequest, Message } from './ports/engine.ts';
import type { Store } from './ports/store.ts';
import type { DoneRollout, Rollout } from './rollout.ts';
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
  const { content, finish, promptTokens = null, tokens, durationMs, createdAt, device = null } = turn;
  return {
    ...{ text: content, finish: finish === 'length' ? 'length' : 'stop' },
    ...{ promptTokens, tokens, durationMs, recordedAt: createdAt, device },
    ...timesOf(turn),
  };
}

/** Finds the stored answers to those of the cells that are this model's. Errors: {@link StoreError}. */
export function recordingsOf(store: Store, specs: readonly RolloutSpec[], model: ModelCard): FindRecording {
  const fingerprint = fingerprintOf(model);
  // A request does not name its model, and two models may be asked the same.
  const own = specs.filter(({ modelFingerprint }) => modelFingerprint === fingerprint);
  const keys = new Map(own.map(({ request, key }) => [requestKey(request), key]));
  return async (request) => {
    const key = keys.get(requestKey(request));
    if (key === undefined) return null;
    const [rollout] = await store.get('rollouts', [key]);
    return isDone(rollout) ? recordingOfRollout(rollout) : null;
  };
}

/** How many of the cells have a stored answer, equal cells counted once. Errors: {@link StoreError}. */
export async function countRecorded(store: Store, specs: readonly RolloutSpec[]): Promise<number> {
  const keys = [...new Set(specs.map(({ key }) => key))];
  return [...(await readRecords(store, 'rollouts', keys)).values()].filter(isDone).length;
}

/** Finds what this model answered in a chat, on any of its branches; only answers that came to their end. */
export function recordingsOfChat(chat: Chat, model: ModelCard): FindRecording {
  const fingerprint = fingerprintOf(model);
  const turns = new Map<string, AssistantTurn>();
  for (const turn of chat.turns) {
    if (turn.role !== 'assistant' || turn.modelFingerprint !== fingerprint) continue;
    if (turn.finish === 'stop' || turn.finish === 'length') turns.set(turnKey(chat, turn), turn);
  }
  return async (request) => {
    const turn = turns.get(requestKey({ ...request, adapters: [] }));
    return turn ? recordingOfTurn(turn) : null;
  };
}

/** Adapters are left out: a turn's fingerprint tells them. */
function turnKey(chat: Chat, { parent, temperature, topP, maxTokens, seed }: AssistantTurn): string {
  const before = branchOf(chat, parent).map(({ role, content }): Message => ({ role, content }));
  const system: Message[] = chat.system === '' ? [] : [{ role: 'system', content: chat.system }];
  return requestKey({
    messages: [...system, ...before],
    sampling: { temperature, topP, maxTokens, stop: [] },
    seed,
  });
}

/** Of all that an answer depends on beside the model. A greedy answer has no draw, and a penalty of 1 is none. */
function requestKey({ messages, sampling, seed, adapters = [] }: GenerationRequest): string {
  const { repetitionPenalty = 1 } = sampling;
  return hashOf({
    ...{ messages, adapters, sampling: { ...sampling, repetitionPenalty } },
    seed: sampling.temperature === 0 ? 0 : seed,
  });
}

function timesOf({ tokenTimesMs, tokenEnds }: Pick<Generation, 'tokenTimesMs' | 'tokenEnds'>) {
  return { ...(tokenTimesMs && { tokenTimesMs }), ...(tokenEnds && { tokenEnds }) };
}

function isDone(rollout: Rollout | undefined): rollout is DoneRollout {
  return rollout?.status === 'done';
}
