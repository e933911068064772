import { sentenceOf } from './errors.ts';
import type { RolloutSpec } from './plan.ts';
import type { EngineFacts, Generation } from './ports/engine.ts';
import type { DoneRollout, Rollout } from './rollout.ts';

/** The record of an answer to one cell of a plan. `createdAt`: ISO 8601, UTC. */
export function doneRollout(
  spec: RolloutSpec,
  facts: EngineFacts,
  generation: Generation,
  createdAt: string,
): DoneRollout {
  const { tokenTimesMs, tokenEnds, notes, width, ...answer } = generation;
  return {
    ...identityOf(spec, createdAt),
    status: 'done',
    ...answer,
    ...(tokenTimesMs ? { tokenTimesMs: [...tokenTimesMs] } : {}),
    ...(tokenEnds ? { tokenEnds: [...tokenEnds] } : {}),
    engine: { kind: facts.kind, device: facts.device, library: facts.library, width },
    ...(notes && notes.length > 0 ? { notes: [...notes] } : {}),
  };
}

/** The record that the answer could not be had. */
export function failedRollout(spec: RolloutSpec, error: unknown, createdAt: string): Rollout {
  return { ...identityOf(spec, createdAt), status: 'failed', error: sentenceOf(error) };
}

function identityOf(spec: RolloutSpec, createdAt: string) {
  const { prompt, request, model } = spec;
  const { sampling } = request;
  return {
    key: spec.key,
    model: model.id,
    modelFingerprint: spec.modelFingerprint,
    suite: prompt.suite,
    suiteVersion: prompt.suiteVersion,
    promptId: prompt.promptId,
    category: prompt.category,
    ...(prompt.group === undefined ? {} : { group: prompt.group }),
    prompt: prompt.text,
    system: spec.system,
    ...sampling,
    stop: [...sampling.stop],
    sample: spec.sample,
    seed: request.seed,
    createdAt,
  };
}
