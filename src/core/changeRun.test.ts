import { describe, expect, it } from 'vitest';
import { changeRun } from './changeRun.ts';
import { withJudging } from './planJudging.ts';
import { judgeRun } from './judging.ts';
import type { Collection, Collections } from './ports/store.ts';
import type { Judging } from './run.ts';
import { exampleRubric } from './testing/exampleRubric.ts';
import { exampleRun } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';
import { ScriptedJudge } from './testing/scriptedJudge.ts';

/** A store whose writes take a while, so that what others do meanwhile is seen. */
class SlowStore extends MemoryStore {
  override async put<C extends Collection>(
    collection: C,
    records: readonly (readonly [string, Collections[C]])[],
  ): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await super.put(collection, records);
  }
}

const run = exampleRun();
const judgingBy = (name: string): Judging => ({
  rubric: exampleRubric.id,
  rubricVersion: exampleRubric.version,
  judge: { kind: 'human', name },
});

describe('changeRun', () => {
  it('loses none of the changes that come at once', async () => {
    const store = new SlowStore();
    await store.put('runs', [[run.id, run]]);
    const names = ['Ada', 'Grace', 'Mary'];
    await Promise.all(
      names.map((name) =>
        changeRun(store, run.id, (stored) => withJudging(stored ?? expect.fail(), judgingBy(name))),
      ),
    );
    const [stored] = await store.get('runs', [run.id]);
    expect(stored?.judgings).toEqual(names.map(judgingBy));
  });

  it('lets the next one in when a change fails', async () => {
    const store = new SlowStore();
    const fail = () => expect.fail('There is no such run.');
    await expect(changeRun(store, run.id, fail)).rejects.toThrow('There is no such run.');
    await expect(changeRun(store, run.id, () => run)).resolves.toEqual(run);
  });

  it('keeps what a person adds at the moment when judging begins', async () => {
    const store = new SlowStore();
    await store.put('runs', [[run.id, run]]);
    const judge = new ScriptedJudge();
    await Promise.all([
      judgeRun(run, { store, clock: { now: () => 0 }, judge, rubric: exampleRubric }),
      changeRun(store, run.id, (stored) => withJudging(stored ?? run, judgingBy('Ada'))),
    ]);
    const [stored] = await store.get('runs', [run.id]);
    const judges = stored?.judgings.map((judging) => judging.judge.kind);
    expect(judges?.toSorted()).toEqual(['human', 'openai']);
  });
});
