import { describe, expect, it } from 'vitest';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { exampleRubric } from '../core/testing/exampleRubric.ts';
import type { JudgedSet } from './answers.ts';
import { judgeRepeats } from './judgeRepeats.ts';
import { exampleSet } from './testing/judgedSets.ts';

const run = exampleRun({
  models: [servedModel('one')],
  prompts: Array.from({ length: 10 }, (_, index) => examplePrompt(`p${index}`)),
  temperatures: [0],
});
const placeOf = ({ promptId }: { promptId: string }) => Number(promptId.slice(1));
const score = (aiSelfReference: number, refuses: boolean, voice: string) => ({
  aiSelfReference,
  refuses,
  voice,
});
const setOf = (nth: number | undefined, scores: Parameters<typeof exampleSet>[3]): JudgedSet => {
  const set = exampleSet(run, exampleRubric, 'judge', scores);
  return nth === undefined ? set : { ...set, judging: { ...set.judging, repeat: nth } };
};

describe('judgeRepeats', () => {
  const first = setOf(undefined, () => score(40, false, 'person'));
  const second = setOf(2, (rollout) => {
    if (placeOf(rollout) >= 8) return null;
    return placeOf(rollout) < 2 ? score(60, true, 'program') : score(44, false, 'person');
  });

  it('gives the spread within answers and the share that turns, over the answers with two verdicts', () => {
    const [claim, refusal, voice] = judgeRepeats([first, second]);
    // Variances of 200 (40 and 60) in two of eight answers, of 8 (40 and 44) in six.
    expect(claim).toMatchObject({
      judge: 'judge',
      signal: 'AI self-reference',
      scorings: 2,
      spread: { n: 8, value: Math.sqrt((2 * 200 + 6 * 8) / 8) },
      flips: { kind: 'interval', n: 8, value: 0.25 },
    });
    expect(refusal).toMatchObject({ spread: { value: Math.sqrt((2 * 0.5) / 8) }, flips: { value: 0.25 } });
    expect(voice).toMatchObject({ spread: null, flips: { value: 0.25 } });
  });

  it('takes three scorings together, and no other judging for a repeat', () => {
    const third = setOf(3, () => score(40, false, 'person'));
    const other = exampleSet(run, exampleRubric, 'another', () => score(0, true, 'program'));
    const rows = judgeRepeats([first, second, third, other]);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ scorings: 3, flips: { n: 10, value: 0.2 } });
    expect(judgeRepeats([first, other])).toEqual([]);
  });
});
