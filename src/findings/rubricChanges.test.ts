import { describe, expect, it } from 'vitest';
import { exampleRubric } from '../core/testing/exampleRubric.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import { rubricChanges } from './rubricChanges.ts';
import { exampleSet } from './testing/judgedSets.ts';

const run = exampleRun({
  prompts: Array.from({ length: 8 }, (_, index) => examplePrompt(`p${index}`)),
  temperatures: [0],
});
const placeOf = ({ promptId }: { promptId: string }) => Number(promptId.slice(1));
const first = exampleSet(run, exampleRubric, 'judge', (rollout) => ({
  aiSelfReference: placeOf(rollout) * 10,
  refuses: false,
}));
const secondRubric = { ...exampleRubric, version: 2 };
const second = exampleSet(run, secondRubric, 'judge', (rollout) => {
  if (placeOf(rollout) === 7) return null;
  return { aiSelfReference: placeOf(rollout) * 10 + (placeOf(rollout) % 2 ? 8 : 0), refuses: true };
});

describe('rubricChanges', () => {
  it('gives the paired change over the answers that both versions scored', () => {
    // In whatever order they were judged.
    const [claim, refusal] = rubricChanges(run, [second, first]);
    expect(claim).toMatchObject({
      ...{ judge: 'judge', versions: [1, 2], model: 'one' },
      before: { n: 7, value: 30 },
      after: { n: 7 },
      difference: { kind: 'interval', value: expect.closeTo(24 / 7, 10) },
      changed: { n: 7, value: expect.closeTo(3 / 7, 10) },
    });
    expect(refusal).toMatchObject({ difference: { value: 1 }, changed: { value: 1 } });
  });

  it('leaves out other judges, other rubrics, and measures that one version lacks', () => {
    const other = exampleSet(run, secondRubric, 'another', () => ({ aiSelfReference: 0 }));
    expect(rubricChanges(run, [first, other])).toEqual([]);
    expect(rubricChanges(run, [first])).toEqual([]);
    const [signal] = exampleRubric.signals;
    const fewer = { ...secondRubric, signals: signal ? [signal] : [] };
    const rows = rubricChanges(run, [first, exampleSet(run, fewer, 'judge', () => ({ aiSelfReference: 1 }))]);
    expect(rows.map(({ measure }) => measure.id)).toEqual(['aiSelfReference']);
  });
});
