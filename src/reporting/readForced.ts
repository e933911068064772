import { type BeliefSpec, planBeliefs } from '../core/planBeliefs.ts';
import type { Store } from '../core/ports/store.ts';
import { promptKey, promptsByKey } from '../core/promptKey.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Run } from '../core/run.ts';
import { readRecords } from '../core/storedRecords.ts';
import type { StoredAnswers } from '../findings/report/study.ts';
import { findStance } from '../judges/rules/stanceRules.ts';
import { beliefSet } from '../suites/beliefs.ts';

/** The forced questions to a run's models; which answers deny being an AI is told by the rough rules. */
export function planRunBeliefs(run: Run, rollouts: Iterable<Rollout>): BeliefSpec[] {
  const prompts = promptsByKey(run);
  const denials = [...rollouts].flatMap((rollout) => {
    if (rollout.status === 'failed' || prompts.get(promptKey(rollout))?.suiteKind !== 'identity') return [];
    return findStance(rollout.prompt, rollout.text) === 'denies-ai' ? [rollout] : [];
  });
  return planBeliefs(run, beliefSet, denials);
}

/** The forced answers that are stored; nothing when none is. Errors: {@link StoreError}. */
export async function readForced(
  store: Store,
  run: Run,
  rollouts: ReadonlyMap<string, Rollout>,
): Promise<Pick<StoredAnswers, 'forced'>> {
  // Planning reads every answer.
  if ((await store.count('beliefs')) === 0) return {};
  const specs = planRunBeliefs(run, rollouts.values());
  const beliefs = await readRecords(store, 'beliefs', [...new Set(specs.map(({ key }) => key))]);
  return beliefs.size === 0 ? {} : { forced: { specs, beliefs } };
}
