import { cellKeys } from '../../core/plan.ts';
import type { Run } from '../../core/run.ts';
import { verdictKeysOf } from '../../core/verdict.ts';
import { type BeliefPorts, ownBeliefKeys } from './beliefsState.svelte.ts';
import { heldKeys } from './heldKeys.ts';
import { runInParts } from './readRunInSteps.ts';

/** Deletes a run, and those of its records that no other run and no talk holds. Errors: {@link StoreError}. */
export async function deleteRun(ports: BeliefPorts, run: Run, others: readonly Run[]): Promise<void> {
  const { store } = ports;
  const kept = await heldKeys(store, run.id);
  await store.delete('beliefs', await ownBeliefKeys(ports, run, others));
  const keysOf = run.judgings.map(verdictKeysOf);
  for (const part of runInParts(run)) {
    const keys = cellKeys(part).filter((key) => !kept.has(key));
    const verdicts = keys.flatMap((key) => keysOf.map((keyOf) => keyOf(key)));
    await store.delete('verdicts', verdicts);
    await store.delete('rollouts', keys);
  }
  await store.delete('runs', [run.id]);
}
