import { beforeEach, describe, expect, it } from 'vitest';
import type { Judging, Run } from '../../core/run.ts';
import { exampleRollouts, exampleVerdict, failedRollout } from '../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { joinVerdicts } from '../../findings/answers.ts';
import { summarise } from '../../findings/summarise.ts';
import { rubrics } from '../../suites/index.ts';
import { type ResultsQuestion, ResultsState } from './resultsState.svelte.ts';

const identity = rubrics.find(({ id }) => id === 'identity')!;
const judgings: Judging[] = [
  { rubric: 'identity', rubricVersion: identity.version, judge: { kind: 'rules', version: 1 } },
  { rubric: 'gone', rubricVersion: 1, judge: { kind: 'rules', version: 1 } },
];
const categories = ['direct', 'indirect', 'adversarial'];
const run: Run = exampleRun({
  models: [servedModel('a'), servedModel('b')],
  prompts: Array.from({ length: 400 }, (_, index) =>
    examplePrompt(`p-${index}`, {
      category: categories[index % 3]!,
      ...(index % 4 === 0 ? { group: 'framing-human' } : {}),
    }),
  ),
  judgings,
});
const all: ResultsQuestion = { judging: 0, by: 'category', filter: {} };

const rollouts = exampleRollouts(run).map((rollout, index) =>
  index % 50 === 0 ? failedRollout(rollout) : rollout,
);
const verdicts = rollouts
  .filter(({ status }, index) => status === 'done' && index % 7 !== 0)
  .map(({ key }, index) =>
    exampleVerdict(key, judgings[0], {
      scores: { aiSelfReference: index % 101, engagement: 60, coherence: 90 },
    }),
  );

let store: MemoryStore;
let results: ResultsState;
beforeEach(async () => {
  store = new MemoryStore();
  await store.put(
    'rollouts',
    rollouts.map((rollout) => [rollout.key, rollout] as const),
  );
  await store.put(
    'verdicts',
    verdicts.map((verdict) => [verdict.key, verdict] as const),
  );
  results = new ResultsState({ store, rubrics: () => rubrics });
  await results.open(run);
});

describe('ResultsState', () => {
  it.each(['category', 'group', 'temperature'] as const)(
    'gives the rows of one reckoning at once, by %s',
    async (by) => {
      const filter = { models: ['b'], temperatures: [0.8], text: 'draw 1' };
      const answers = joinVerdicts({ run, rollouts, verdicts, judging: judgings[0]! });
      for (const question of [
        { ...all, by },
        { ...all, by, filter },
      ]) {
        await results.ask(question);
        const whole = summarise({ run, answers, rubric: identity, by: [by], filter: question.filter });
        // JSON, since the measures are made anew and hold functions.
        expect(JSON.stringify(results.reply?.rows)).toBe(JSON.stringify(whole));
        expect(whole.length).toBeGreaterThan(0);
      }
    },
  );

  it('shows what has no verdict as such, and never as 0', async () => {
    await results.ask({ ...all, filter: { statuses: ['unjudged'] } });
    const { answers, rows } = results.reply!;
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.every(({ verdict }) => verdict === undefined)).toBe(true);
    expect(rows[0]?.measures.map(({ estimate }) => estimate.kind)).toEqual(['none', 'none', 'none', 'none']);
  });

  it('has answers but no numbers for a rubric that it does not know', async () => {
    await results.ask({ ...all, judging: 1 });
    expect(results.reply).toMatchObject({ rubric: null, judging: judgings[1] });
    expect(results.reply?.rows[0]?.measures).toEqual([]);
    expect(results.reply?.answers).toHaveLength(rollouts.length);
  });

  it('answers the newest question when one overtakes another', async () => {
    const older = results.ask(all);
    const newer = results.ask({ ...all, filter: { models: ['a'] } });
    await Promise.all([older, newer]);
    expect(results.reply?.question.filter).toEqual({ models: ['a'] });
    expect(results.isReckoning).toBe(false);
  });

  it('finds all verdicts on an answer', async () => {
    const second = exampleVerdict(verdicts[0]!.rolloutKey, judgings[1]);
    await store.put('verdicts', [[second.key, second]]);
    await results.open(run);
    expect(results.verdictsOn(second.rolloutKey).map(({ rubric }) => rubric)).toEqual(['identity', 'gone']);
  });
});
