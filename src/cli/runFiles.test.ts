import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../core/ports/store.ts';
import type { Run } from '../core/run.ts';
import { exampleBelief } from '../core/testing/exampleBelief.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { planRunBeliefs, readForced } from '../reporting/readForced.ts';
import { openJsonlFolder } from '../stores/jsonlFolder.ts';
import { exportRun } from './export.ts';
import { importFile } from './import.ts';

let folder = '';
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'run-files-'))));
afterAll(() => rm(folder, { recursive: true }));

const run: Run = exampleRun();
const rollouts = exampleRollouts(run).map((rollout) => ({ ...rollout, text: 'I am not an AI. I was born.' }));

async function beliefsIn(store: Store): Promise<unknown> {
  const { forced } = await readForced(store, run, new Map(rollouts.map((rollout) => [rollout.key, rollout])));
  return [...(forced?.beliefs.values() ?? [])];
}

describe('a run file of the command line', () => {
  it('brings forced answers from one folder into another, unchanged', async () => {
    const [from, to, file] = ['from', 'to', 'run.jsonl'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const store = await openJsonlFolder(from, { create: true, onNote: () => undefined });
    await store.put('runs', [[run.id, run]]);
    await store.put(
      'rollouts',
      rollouts.map((rollout) => [rollout.key, rollout]),
    );
    const beliefs = planRunBeliefs(run, rollouts).map((spec, index) => {
      const logprobs = spec.request.continuations.map((_, at) => -1 - index / 8 - at);
      return exampleBelief(spec, logprobs);
    });
    await store.put(
      'beliefs',
      beliefs.map((belief) => [belief.key, belief]),
    );
    expect(beliefs.length).toBeGreaterThan(40);
    await exportRun(from, { out: file, format: 'jsonl' });
    await importFile(file, { out: to });
    const other = await openJsonlFolder(to, { create: false, onNote: () => undefined });
    expect(await beliefsIn(other)).toEqual(beliefs);
    expect(await beliefsIn(store)).toEqual(beliefs);
  });
});
