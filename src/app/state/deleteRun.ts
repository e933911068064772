import { cellKeys } from '../../core/plan.ts';
import type { Run } from '../../core/run.ts';
import { verdictKey } from '../../core/verdict.ts';
import { type BeliefPorts, ownBeliefKeys } from './beliefsState.svelte.ts';
import { heldKeys } from './heldKeys.ts';
import { runInParts } from './readRunInSteps.ts';

/** Deletes a run, and those of its records that no other run and no talk holds. Errors: {@link StoreError}. */
export async function deleteRun(ports: BeliefPorts, run: Run, others: readonly Run[]): Promise<void> {
  const { store } = ports;
  const kept = await heldKeys(store, run.id);
  await store.delete('beliefs', await ownBeliefKeys(ports, run, others));
  for (const part of runInParts(run)) {
    const keys = cellKeys(part).filter((key) => !kept.has(key));
    const verdicts = keys.flatMap((key) => part.judgings.map((judging) => verdictKey(key, judging)));
    await store.delete('verdicts', verdicts);
    await store.delete('rollouts', keys);
  }
  await store.delete('runs', [run.id]);
}
