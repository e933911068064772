import { describe, expect, it } from 'vitest';
import { planRollouts } from '../../core/plan.ts';
import { detailRubric } from '../../core/testing/detailRubric.ts';
import { exampleRollout, exampleVerdict } from '../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../../core/testing/exampleRun.ts';
import { llmJudging } from '../../core/testing/exampleRunFile.ts';
import type { Score } from '../../core/parseVerdict.ts';
import type { Judging } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type JudgedSet, joinVerdicts } from '../answers.ts';
import { comparePortraits } from './comparePortraits.ts';
import { portraitPlaces, portraitPrompts } from './portraitPlaces.ts';
import { readByJudges, readByPatterns } from './portraitReading.ts';
import { summarisePortraits } from './summarisePortraits.ts';

const judging: Judging = { ...llmJudging, rubric: detailRubric.id, rubricVersion: 1 };
const run = exampleRun({
  temperatures: [0],
  samples: 1,
  prompts: ['who', 'what', 'where', 'why'].map((id, index) =>
    examplePrompt(id, { category: index < 2 ? 'direct' : 'indirect' }),
  ),
  judgings: [judging],
});
const texts = ["I'm Maria Lopez.", 'My name is Maria.', 'They call me Rosa. I am a nurse.', 'No.'];
const rollouts = planRollouts(run).map((spec, index) => exampleRollout(spec, { text: texts[index] ?? '' }));

function setOf(notes: readonly (Record<string, Score> | string)[], more: Partial<Judging> = {}): JudgedSet {
  const own = { ...judging, ...more };
  const verdicts = notes.map((note, index): Verdict => {
    const { scores, reason, ...rest } = exampleVerdict(rollouts[index]?.key ?? '', own);
    return typeof note === 'string'
      ? { ...rest, status: 'failed', error: note }
      : { ...rest, status: 'scored', scores: note, reason };
  });
  const answers = joinVerdicts({ run, rollouts, verdicts, judging: own });
  return { judging: own, rubric: detailRubric, answers };
}

const noted = setOf([
  { name: 'Maria Lopez', age: 40, kind: 'human' },
  { name: 'maria', kind: 'not-said' },
  { name: 'Roxana', kind: 'human' },
  'The judge replied with text.',
]);

describe('readByJudges', () => {
  it('reads what was noted, and nothing of a failed verdict, a repeat or a person', () => {
    const person: Partial<Judging> = { judge: { kind: 'human', name: 'Ada' } };
    const failed = setOf(['No reply.'], { rubricVersion: 1, judge: { kind: 'rules', version: 1 } });
    const repeat = setOf([{ name: 'Ada' }], { repeat: 2 });
    const [reading, ...others] = readByJudges([noted, failed, repeat, setOf([{ kind: 'human' }], person)]);
    expect(others).toEqual([]);
    expect(reading?.reader).toBe('judge-x');
    expect(reading?.traits.map(({ label }) => label)).toEqual(['name', 'age', 'kind']);
    expect(reading?.answers.map(({ words }) => words)).toEqual([
      { name: 'Maria Lopez', age: '40', kind: 'human' },
      { name: 'maria', age: null, kind: null },
      { name: 'Roxana', age: null, kind: 'human' },
    ]);
  });

  it('is summarised as the patterns are: first names, whatever their case', () => {
    const [reading] = readByJudges([noted]);
    const [one] = summarisePortraits(run, reading ?? expect.fail('no reading'));
    expect(one).toMatchObject({ reader: 'judge-x', model: 'one', answers: 3 });
    const [name, age, kind] = one?.traits ?? [];
    expect(name?.words).toEqual([
      { word: 'Maria', count: 2 },
      { word: 'Roxana', count: 1 },
    ]);
    // scipy.stats.entropy([2/3, 1/3]) / ln 3 = 0.579380
    expect(name?.consistency).toMatchObject({ value: expect.closeTo(1 - 0.57938, 5) as number });
    expect(age?.said).toMatchObject({ value: 1 / 3, n: 3 });
    expect(kind?.said).toMatchObject({ value: 2 / 3 });
  });
});

describe('comparePortraits', () => {
  it('counts what both find, what only one finds, and whether the judge quotes', () => {
    const [name, age, kind] = comparePortraits(readByJudges([noted]), readByPatterns(run, rollouts));
    expect(name).toMatchObject({
      judge: 'judge-x',
      same: { value: 2 / 3, n: 3, clusters: 3 },
      ...{ onlyJudge: 0, onlyPatterns: 0, neither: 0 },
      quoted: { value: 2 / 3, n: 3 },
    });
    expect(age).toMatchObject({ same: { kind: 'none' }, onlyJudge: 1, neither: 2, quoted: null });
    // The patterns see no kind in a bare name.
    expect(kind).toMatchObject({ same: { value: 1, n: 1 }, onlyJudge: 1, neither: 1 });
  });
});

describe('portraitPlaces', () => {
  it('tells who answers at each place, in the order of the run', () => {
    const [reading] = readByJudges([noted]);
    const places = portraitPlaces(run, reading ?? expect.fail('no reading'), 'category');
    expect(places.map(({ key, answers, traits }) => [key.category, answers, traits[0]?.words[0]])).toEqual([
      ['direct', 2, { word: 'Maria', count: 2 }],
      ['indirect', 1, { word: 'Roxana', count: 1 }],
    ]);
  });
});

describe('portraitPrompts', () => {
  it('tells who answers to each prompt, in the order of the run', () => {
    const [reading] = readByJudges([noted]);
    const prompts = portraitPrompts(run, reading ?? expect.fail('no reading'));
    // Of the last prompt no verdict could be read.
    expect(prompts.map(({ promptId }) => promptId)).toEqual(['who', 'what', 'where']);
    expect(prompts.map(({ answers }) => answers)).toEqual([1, 1, 1]);
    expect(prompts.flatMap(({ traits }) => traits[0]?.words ?? [])).toEqual(
      ['Maria', 'maria', 'Roxana'].map((word) => ({ word, count: 1 })),
    );
  });
});
