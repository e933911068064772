import { canonicalJson } from './ids.ts';
import { planRollouts } from './plan.ts';
import type { GenerationRequest } from './ports/engine.ts';
import type { Store } from './ports/store.ts';
import { type DoneRollout, isDone, messagesOf } from './rollout.ts';
import type { Run } from './run.ts';
import { readRecords } from './storedRecords.ts';
import { stageRunOf } from './talk.ts';

/**
 * What a model (by its card's id) has answered to these messages in a run or a talk; null where it has not. One with
 * the request's temperature and seed comes first; other seeds give others of those that there are.
 * Errors: {@link StoreError}.
 */
export async function findAnswer(
  store: Store,
  model: string,
  request: GenerationRequest,
): Promise<DoneRollout | null> {
  const talks = await store.all('talks');
  const holders = [...(await store.all('runs')), ...talks.map(stageRunOf)];
  const keys = holders.flatMap((run) => keysIn(run, model, request));
  const rollouts = await readRecords(store, 'rollouts', [...new Set(keys)]);
  const done = [...rollouts.values()].filter(isDone);
  const { seed, sampling } = request;
  const alike = done.filter(({ temperature }) => temperature === sampling.temperature);
  const known = alike.length > 0 ? alike : done;
  return known.find((rollout) => rollout.seed === seed) ?? known[seed % known.length] ?? null;
}

/** Of the cells that ask just this. */
function keysIn(run: Run, model: string, { messages }: GenerationRequest): string[] {
  const asked = canonicalJson(messages);
  const prompts = run.prompts.filter(({ text }) => canonicalJson(messagesOf(run.system, text)) === asked);
  const models = run.models.filter(({ id }) => id === model);
  return planRollouts({ ...run, prompts, models }).map(({ key }) => key);
}
