import { type ModelCard, fingerprintOf } from '../../core/model.ts';
import { cellKeys } from '../../core/plan.ts';
import type { Store } from '../../core/ports/store.ts';
import { type DoneRollout, isDone } from '../../core/rollout.ts';
import type { Run } from '../../core/run.ts';
import { readRecords } from '../../core/storedRecords.ts';

/** Prompts of an earlier run that are looked at: enough for a mean, few enough to read at once. */
const sampledPrompts = 12;

/** What earlier answers of a model say about the next ones. */
export interface MeasuredSpeed {
  /** Wall seconds per generated token with the engine as full as it was. */
  readonly secondsPerToken: number;
  /** Tokens of each answer looked at, and whether it was cut by its limit. */
  readonly answers: readonly { readonly tokens: number; readonly isCut: boolean }[];
}

/** From the newest run that holds answers of this model; null when there is none. Errors: {@link StoreError}. */
export async function measureSpeed(
  store: Store,
  runs: readonly Run[],
  model: ModelCard,
): Promise<MeasuredSpeed | null> {
  const fingerprint = fingerprintOf(model);
  for (const run of runs) {
    const known = run.models.find((card) => fingerprintOf(card) === fingerprint);
    if (!known) continue;
    const sample = { ...run, models: [known], prompts: run.prompts.slice(0, sampledPrompts) };
    const keys = cellKeys(sample);
    const stored = [...(await readRecords(store, 'rollouts', keys)).values()];
    const done = stored.filter(isDone);
    const speed = speedOf(done, model);
    if (speed) return speed;
  }
  return null;
}

function speedOf(done: readonly DoneRollout[], model: ModelCard): MeasuredSpeed | null {
  const tokens = sum(done.map((rollout) => rollout.tokens));
  if (tokens === 0) return null;
  // A served model's width is not known to the client; its requests in flight are.
  const lanes =
    model.engine === 'openai' ? model.concurrency : sum(done.map(({ engine }) => engine.width)) / done.length;
  const seconds = sum(done.map(({ durationMs }) => durationMs)) / 1000 / lanes;
  const answers = done.map((rollout) => ({ tokens: rollout.tokens, isCut: rollout.finish === 'length' }));
  return { secondsPerToken: seconds / tokens, answers };
}

/** Tokens that an answer is expected to have under a limit. */
export function expectedTokens(speed: MeasuredSpeed, maxTokens: number): number {
  const tokens = speed.answers.map((answer) =>
    answer.isCut ? maxTokens : Math.min(answer.tokens, maxTokens),
  );
  return sum(tokens) / tokens.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
