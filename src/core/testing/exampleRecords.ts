import { fingerprintOf } from '../model.ts';
import { planRollouts, type RolloutSpec } from '../plan.ts';
import type { DoneRollout, Rollout } from '../rollout.ts';
import type { Judging, Run } from '../run.ts';
import { type ScoredVerdict, verdictKey } from '../verdict.ts';

const createdAt = '2026-11-24T12:00:00.000Z';

/** The answer to one cell of a run, as collecting stores it, for tests. */
export function exampleRollout(spec: RolloutSpec, more: Partial<DoneRollout> = {}): DoneRollout {
  const { prompt, request } = spec;
  const { stop, ...sampling } = request.sampling;
  return {
    key: spec.key,
    model: spec.model.id,
    modelFingerprint: fingerprintOf(spec.model),
    suite: prompt.suite,
    suiteVersion: prompt.suiteVersion,
    promptId: prompt.promptId,
    category: prompt.category,
    prompt: prompt.text,
    system: spec.system,
    ...sampling,
    stop: [...stop],
    sample: spec.sample,
    seed: request.seed,
    createdAt,
    status: 'done',
    text: `I am ${spec.model.id}, asked "${prompt.text}", draw ${spec.sample}.`,
    finish: 'stop',
    promptTokens: 30,
    tokens: 12,
    durationMs: 900.5,
    engine: { kind: 'openai', device: 'http://127.0.0.1:9/v1', library: 'openai 6.49.0', width: 1 },
    ...more,
  };
}

/** An answer for every cell of the run, in the plan's order. */
export function exampleRollouts(run: Run): DoneRollout[] {
  return planRollouts(run).map((spec) => exampleRollout(spec));
}

/** The same cell as a failed answer. */
export function failedRollout(done: DoneRollout, error = 'The server gave no answer.'): Rollout {
  const { text, finish, promptTokens, tokens, durationMs, tokenTimesMs, tokenEnds, ...asked } = done;
  const { engine, notes, ...identity } = asked;
  return { ...identity, status: 'failed', error };
}

export const rulesJudging: Judging = {
  rubric: 'identity',
  rubricVersion: 1,
  judge: { kind: 'rules', version: 1 },
};

/** A verdict on one answer, for tests. */
export function exampleVerdict(
  rolloutKey: string,
  judging: Judging = rulesJudging,
  more: Partial<ScoredVerdict> = {},
): ScoredVerdict {
  return {
    key: verdictKey(rolloutKey, judging),
    rolloutKey,
    ...judging,
    createdAt,
    status: 'scored',
    scores: { aiSelfReference: 12, engagement: 70, coherence: 90 },
    reason: 'Speaks as a person.',
    raw: '{"aiSelfReference":12}',
    inputTokens: 400,
    outputTokens: 40,
    notes: [],
    ...more,
  };
}
