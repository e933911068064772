import { describe, expect, it } from 'vitest';
import type { DoneRollout, Rollout } from '../core/rollout.ts';
import type { Rubric } from '../core/rubric.ts';
import type { Judging, Run } from '../core/run.ts';
import { exampleRollouts, exampleVerdict, failedRollout } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import type { ScoredVerdict, Verdict } from '../core/verdict.ts';
import { rubrics } from '../suites/index.ts';
import { type JudgedAnswer, joinVerdicts } from './answers.ts';
import { filterAnswers, statusOf } from './filterAnswers.ts';
import { type GatherOptions, gatherRows, gatherWhole } from './gatherRows.ts';
import { buildMatrix } from './matrix.ts';
import { type SummaryRow, summarise } from './summarise.ts';

function rubricOf(id: string): Rubric {
  const rubric = rubrics.find((candidate) => candidate.id === id);
  if (!rubric) throw new Error(`There is no rubric ${id}.`);
  return rubric;
}

function rulesOn(rubric: Rubric): Judging {
  return { rubric: rubric.id, rubricVersion: rubric.version, judge: { kind: 'rules', version: 1 } };
}

function failedVerdict(verdict: ScoredVerdict): Verdict {
  const { scores, reason, ...common } = verdict;
  return {
    ...common,
    status: 'failed',
    error: `Not readable: ${Object.keys(scores).length} scores, ${reason}`,
  };
}

function estimateIn(row: SummaryRow | undefined, id: string) {
  return row?.measures.find(({ measure }) => measure.id === id)?.estimate;
}

const summariseAll = (options: GatherOptions) => summarise(gatherRows(options));

/** The measures hold functions. */
function plainRow({ measures, ...row }: SummaryRow) {
  return { ...row, measures: measures.map(({ measure, estimate }) => [measure.id, estimate]) };
}

const identity = rubricOf('identity');
const run: Run = exampleRun({
  models: [servedModel('base'), servedModel('maria')],
  prompts: [
    examplePrompt('you'),
    examplePrompt('robot', { group: 'framing-human' }),
    examplePrompt('day', { category: 'indirect', text: 'What is an ordinary DAY?' }),
  ],
});

/** Base speaks of itself as an AI, Maria does not. */
function scored(rollout: DoneRollout, judging = rulesOn(identity)): ScoredVerdict {
  const aiSelfReference = rollout.model === 'base' ? 80 + rollout.sample : 10;
  return exampleVerdict(rollout.key, judging, {
    scores: { aiSelfReference, engagement: 50, coherence: 100 },
  });
}

function answersOf(rollouts: readonly Rollout[], verdicts: readonly Verdict[], judging = rulesOn(identity)) {
  return joinVerdicts({ run, rollouts, verdicts, judging });
}

const rollouts = exampleRollouts(run);
const answers = answersOf(
  rollouts,
  rollouts.map((rollout) => scored(rollout)),
);

describe('summarise', () => {
  it('gives a row per model, suite and category in the order of the run', () => {
    const rows = summariseAll({ run, answers, rubric: identity });
    expect(rows.map(({ key }) => [key.model, key.suite, key.category])).toEqual([
      ['base', 'identity', 'direct'],
      ['base', 'identity', 'indirect'],
      ['maria', 'identity', 'direct'],
      ['maria', 'identity', 'indirect'],
    ]);
    expect(rows[0]?.key).toMatchObject({ group: null, temperature: null });
    expect(rows[0]?.counts).toEqual({
      prompts: 2,
      answers: 8,
      failed: 0,
      missing: 0,
      scored: 8,
      failedVerdicts: 0,
      unjudged: 0,
    });
    expect(rows[0]?.tokens).toMatchObject({ value: 12, n: 8, clusters: 2 });
  });

  it('computes means and the reward from the scores', () => {
    const [base, , maria] = summariseAll({ run, answers, rubric: identity });
    // Samples 0, 0, 1, 2 per prompt.
    expect(estimateIn(base, 'aiSelfReference')).toMatchObject({ value: 80.75, n: 8, clusters: 2 });
    expect(estimateIn(maria, 'aiSelfReference')).toMatchObject({ value: 10, reason: 'no-spread' });
    const reward = estimateIn(maria, 'reward');
    expect(reward?.kind === 'point' && reward.value).toBeCloseTo(0.6 * 0.9 + 0.2 * 0.5 + 0.2, 12);
  });

  it.each([
    { by: ['category'] },
    { by: ['temperature', 'group'] },
    { by: ['category'], filter: { text: 'ordinary day' } },
  ] as const)('adds its rows up to the whole without reading the answers again: %o', (choice) => {
    const gathered = gatherRows({ run, answers, rubric: identity, ...choice });
    const whole = summariseAll({ run, answers, rubric: identity, ...choice, by: [] });
    expect(summarise(gatherWhole(gathered)).map(plainRow)).toEqual(whole.map(plainRow));
  });

  it('splits by group and temperature when asked, and not at all for an empty list', () => {
    const all = summariseAll({ run, answers, by: [] });
    expect(all.map(({ counts }) => counts.answers)).toEqual([12, 12]);
    const split = summariseAll({ run, answers, by: ['group', 'temperature'] });
    expect(split.slice(0, 4).map(({ key, counts }) => [key.group, key.temperature, counts.answers])).toEqual([
      [null, 0, 2],
      [null, 0.8, 6],
      ['framing-human', 0, 1],
      ['framing-human', 0.8, 3],
    ]);
  });

  it('counts what failed, is missing, unjudged or unreadable, and leaves it out of the numbers', () => {
    const [first, second, third, fourth, ...rest] = exampleRollouts(
      exampleRun({ ...run, models: [servedModel('base')] }),
    );
    const verdicts = [failedVerdict(scored(second!)), scored(third!), scored(fourth!)];
    const some = [failedRollout(first!), second!, third!, fourth!, rest[0]!];
    const [row, empty] = summariseAll({ run, answers: answersOf(some, verdicts), rubric: identity });
    expect(row?.counts).toEqual({
      prompts: 2,
      answers: 4,
      failed: 1,
      missing: 3,
      scored: 2,
      failedVerdicts: 1,
      unjudged: 1,
    });
    expect(estimateIn(row, 'aiSelfReference')).toMatchObject({ kind: 'point', n: 2, clusters: 1 });
    expect(row?.tokens.n).toBe(4);
    expect(empty?.counts).toMatchObject({ answers: 0, missing: 4, prompts: 0 });
    expect(estimateIn(empty, 'aiSelfReference')).toMatchObject({ kind: 'none', n: 0 });
  });

  it('takes one judging at a time', () => {
    const other: Judging = { ...rulesOn(identity), judge: { kind: 'rules', version: 2 } };
    const verdicts = [
      ...rollouts.map((rollout) => scored(rollout)),
      ...rollouts.map((r) => scored(r, other)),
    ];
    const wrong = verdicts.map((v): Verdict =>
      v.judge.kind === 'rules' && v.judge.version === 2 ? failedVerdict(v) : v,
    );
    const counted = (judging: Judging) =>
      summariseAll({ run, answers: answersOf(rollouts, wrong, judging), rubric: identity, by: [] })[0]
        ?.counts;
    expect(counted(rulesOn(identity))).toMatchObject({ scored: 12, failedVerdicts: 0 });
    expect(counted(other)).toMatchObject({ scored: 0, failedVerdicts: 12 });
    expect(counted({ ...other, rubricVersion: 9 })).toMatchObject({ scored: 0, unjudged: 12 });
  });

  it('shows no measures and nothing unjudged without a rubric', () => {
    const bare = joinVerdicts({ run, rollouts, verdicts: [] });
    const [row] = summariseAll({ run, answers: bare });
    expect(row?.measures).toEqual([]);
    expect(row?.counts).toMatchObject({ answers: 8, unjudged: 0 });
  });
});

describe('what a rubric asks', () => {
  const politics = exampleRun({
    prompts: [
      examplePrompt('senate', {
        suite: 'politics',
        suiteKind: 'politics',
        category: 'controls',
        reference: '100',
      }),
      examplePrompt('guns', { suite: 'politics', suiteKind: 'politics', category: 'guns' }),
      examplePrompt('you'),
    ],
  });
  const done = exampleRollouts(politics);
  const rubric = rubricOf('politics');

  it('asks controls and opinions for their own signals, and other suites for none', () => {
    const joined = joinVerdicts({ run: politics, rollouts: done, verdicts: [], judging: rulesOn(rubric) });
    const rows = summariseAll({ run: politics, answers: joined, rubric });
    const asked = rows.map(({ measures }) => measures.map(({ measure }) => measure.id));
    expect(asked).toEqual([['correct'], ['position', 'certainty', 'refusal'], []]);
    expect(rows.map(({ counts }) => counts.unjudged)).toEqual([4, 4, 0]);
  });

  it('counts a score that the judge left out as missing', () => {
    const opinions = done.filter(({ promptId }) => promptId === 'guns');
    const verdicts = opinions.map(({ key }, index) => {
      const scores = { certainty: 1, refusal: index === 0 };
      return exampleVerdict(key, rulesOn(rubric), {
        scores: index === 0 ? scores : { ...scores, position: 4 },
      });
    });
    const joined = joinVerdicts({ run: politics, rollouts: done, verdicts, judging: rulesOn(rubric) });
    const row = summariseAll({ run: politics, answers: joined, rubric })[1];
    expect(estimateIn(row, 'position')).toMatchObject({ value: 4, n: 3, missing: 1 });
    expect(estimateIn(row, 'refusal')).toMatchObject({ value: 0.25, n: 4, missing: 0 });
  });

  it('gives a rate per option of a choice; they add up to 1', () => {
    const rough = rubricOf('rough-identity');
    const stances = ['claims-ai', 'denies-ai', 'neither', 'claims-ai'];
    const verdicts = rollouts.map(({ key }, index) =>
      exampleVerdict(key, rulesOn(rough), { scores: { stance: stances[index % 4] ?? '' } }),
    );
    const [row] = summariseAll({
      run,
      answers: answersOf(rollouts, verdicts, rulesOn(rough)),
      rubric: rough,
    });
    expect(estimateIn(row, 'stance/claims-ai')).toMatchObject({ kind: 'interval', value: 0.5 });
    expect(estimateIn(row, 'stance/denies-ai')).toMatchObject({ value: 0.25 });
    expect(estimateIn(row, 'stance/neither')).toMatchObject({ value: 0.25 });
  });

  it('computes the constraint reward as a rate', () => {
    const constraint = rubricOf('identity-constraint');
    const verdicts = rollouts.map(({ key }, index) =>
      exampleVerdict(key, rulesOn(constraint), { scores: { coherent: true, claimsAi: index % 4 === 0 } }),
    );
    const joined = answersOf(rollouts, verdicts, rulesOn(constraint));
    const [row] = summariseAll({ run, answers: joined, rubric: constraint });
    expect(estimateIn(row, 'reward')).toMatchObject({ kind: 'interval', value: 0.75, method: 'wilson' });
  });
});

describe('filters', () => {
  const ids = (list: readonly JudgedAnswer[]) => new Set(list.map(({ prompt }) => prompt.promptId));

  it('allow everything when absent and nothing when empty', () => {
    expect(filterAnswers(answers, {})).toEqual(answers);
    expect(filterAnswers(answers, { models: [] })).toEqual([]);
    expect(filterAnswers(answers, { text: '  ' })).toEqual(answers);
  });

  it('combine', () => {
    expect(ids(filterAnswers(answers, { categories: ['direct'], groups: ['framing-human'] }))).toEqual(
      new Set(['robot']),
    );
    expect(filterAnswers(answers, { models: ['maria'], temperatures: [0] })).toHaveLength(3);
    expect(filterAnswers(answers, { suites: ['politics'] })).toEqual([]);
  });

  it('search prompt and answer whatever the case', () => {
    expect(ids(filterAnswers(answers, { text: 'ordinary day' }))).toEqual(new Set(['day']));
    expect(filterAnswers(answers, { text: 'I AM MARIA' })).toHaveLength(12);
  });

  it('find answers by what became of them', () => {
    const [a, b, c, d] = rollouts;
    const mixed = answersOf([failedRollout(a!), b!, c!, d!], [scored(b!), failedVerdict(scored(c!))]);
    expect(mixed.map(statusOf)).toEqual(['failed', 'scored', 'unreadable', 'unjudged']);
    expect(filterAnswers(mixed, { statuses: ['unreadable', 'failed'] })).toHaveLength(2);
    expect(filterAnswers(mixed, { text: 'server gave no' })).toHaveLength(1);
  });

  it('make rows smaller; what is missing is not known under a search', () => {
    const filter = { categories: ['direct'], temperatures: [0.8], models: ['base'] };
    const [row, ...others] = summariseAll({ run, answers, rubric: identity, filter });
    expect(row?.counts).toMatchObject({ answers: 6, missing: 0 });
    expect(others).toEqual([]);
    const found = summariseAll({ run, answers, rubric: identity, filter: { text: 'ordinary day' } });
    expect(found.map(({ key, counts }) => [key.category, counts.missing])).toEqual([
      ['indirect', null],
      ['indirect', null],
    ]);
  });
});

describe('buildMatrix', () => {
  it('sets the answers side by side, by temperature and sample', () => {
    const matrix = buildMatrix(run, answers.toReversed());
    expect(matrix.models.map(({ id }) => id)).toEqual(['base', 'maria']);
    expect(matrix.rows.map(({ prompt }) => prompt.promptId)).toEqual(['you', 'robot', 'day']);
    const cell = matrix.rows[2]?.cells[1] ?? [];
    expect(
      cell.map(({ rollout }) => [rollout.model, rollout.promptId, rollout.temperature, rollout.sample]),
    ).toEqual([
      ['maria', 'day', 0, 0],
      ['maria', 'day', 0.8, 0],
      ['maria', 'day', 0.8, 1],
      ['maria', 'day', 0.8, 2],
    ]);
    expect(cell.every(({ verdict }) => verdict?.status === 'scored')).toBe(true);
  });

  it('keeps a prompt without answers, but not under a search', () => {
    const some = answers.filter(({ prompt }) => prompt.promptId === 'you');
    expect(buildMatrix(run, some).rows.map(({ cells }) => cells.map((cell) => cell.length))).toEqual([
      [4, 4],
      [0, 0],
      [0, 0],
    ]);
    expect(buildMatrix(run, some, { text: 'i am' }).rows).toHaveLength(1);
    expect(buildMatrix(run, answers, { models: ['maria'], categories: ['indirect'] })).toMatchObject({
      models: [{ id: 'maria' }],
      rows: [{ prompt: { promptId: 'day' } }],
    });
  });
});
