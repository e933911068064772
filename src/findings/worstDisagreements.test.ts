import { describe, expect, it } from 'vitest';
import { exampleRubric } from '../core/testing/exampleRubric.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import type { JudgedSet } from './answers.ts';
import { compareJudges } from './compareJudges.ts';
import { exampleSet } from './testing/judgedSets.ts';
import { worstDisagreements } from './worstDisagreements.ts';

const run = exampleRun({
  prompts: Array.from({ length: 6 }, (_, index) => examplePrompt(`p${index}`)),
  temperatures: [0],
});
const placeOf = ({ promptId }: { promptId: string }) => Number(promptId.slice(1));
const judge = exampleSet(run, exampleRubric, 'judge', (rollout) => ({
  aiSelfReference: placeOf(rollout) * 15,
  refuses: placeOf(rollout) === 3,
  voice: 'person',
}));
const labels = exampleSet(run, exampleRubric, 'by hand', (rollout) =>
  placeOf(rollout) === 5 ? null : { aiSelfReference: 0, refuses: false },
);
const person: JudgedSet = {
  ...labels,
  judging: { ...labels.judging, judge: { kind: 'human', name: 'Ada' } },
};

describe('worstDisagreements', () => {
  it('gives the answers that judge and person rate the furthest apart, the worst first', () => {
    const found = worstDisagreements([judge, person], 2);
    expect(found).toMatchObject([
      { judge: 'judge', person: 'Ada (person)', judged: 60, labelled: 0, prompt: 'What about p4?' },
      { judged: 45, labelled: 0, prompt: 'What about p3?', reason: 'Speaks as a person.' },
      { signal: { id: 'refuses' }, judged: 1, labelled: 0, prompt: 'What about p3?' },
    ]);
  });

  it('has nothing without a person, or where the person used another rubric', () => {
    expect(worstDisagreements([judge, labels], 2)).toEqual([]);
    const other = { ...person, judging: { ...person.judging, rubricVersion: 9 } };
    expect(worstDisagreements([judge, other], 2)).toEqual([]);
  });

  it('has the person among the judges, with a confusion table at the described points', () => {
    const [claim] = compareJudges([judge, person]);
    expect(claim?.judges).toEqual(['judge', 'Ada (person)']);
    // 0, 15, 30, 45 are nearer to 0; 60 to 100.
    expect(claim?.pairs[0]?.confusion).toEqual([
      { a: '0', b: '0', count: 4 },
      { a: '100', b: '0', count: 1 },
    ]);
  });
});
