import { beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../core/ids.ts';
import type { Judging, Run } from '../../core/run.ts';
import { exampleRollouts, exampleVerdict, failedRollout } from '../../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../../core/testing/exampleRun.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { joinVerdicts } from '../../findings/answers.ts';
import { gatherRows } from '../../findings/gatherRows.ts';
import { summarise } from '../../findings/summarise.ts';
import type { ResultsQuestion } from '../../findings/results/answerQuestion.ts';
import type { ResultsSource } from '../../findings/results/resultsStream.ts';
import { RunReader } from '../../reporting/runReader.ts';
import { rubrics } from '../../suites/index.ts';
import { type ResultsReply, ResultsState } from './resultsState.svelte.ts';

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
const all: ResultsQuestion = { judging: 0, by: 'category', filter: {}, sort: null };

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
  const reader = new RunReader({ store, rubrics });
  // As from a worker: what comes must be able to be sent.
  const source: ResultsSource = (request, tell) =>
    reader.results(structuredClone(request), (event) => tell(structuredClone(event)));
  results = new ResultsState({ store, source, rubrics: () => rubrics });
  results.open(run);
});

async function ask(question: ResultsQuestion): Promise<ResultsReply> {
  results.ask(question);
  await expect.poll(() => results.isReckoning).toBe(false);
  return results.reply ?? expect.fail(results.problem);
}

/** Every answer of a reply, as the page has it when it looks at them all. */
async function shownOf({ answers }: ResultsReply) {
  await results.want(answers);
  return answers.map((key) => results.shown(key) ?? expect.fail('an answer is missing'));
}

describe('ResultsState', () => {
  it.each(['category', 'group', 'temperature'] as const)(
    'gives the rows of a reckoning, by %s',
    async (by) => {
      const filter = { models: ['b'], temperatures: [0.8], text: 'draw 1' };
      const answers = joinVerdicts({ run, rollouts, verdicts, judging: judgings[0]! });
      for (const question of [
        { ...all, by },
        { ...all, by, filter },
      ]) {
        const reply = await ask(question);
        const whole = summarise(
          gatherRows({ run, answers, rubric: identity, by: [by], filter: question.filter }),
        );
        // As JSON, since the measures are made anew and hold functions.
        expect(canonicalJson(reply.rows)).toBe(canonicalJson(whole));
        expect(whole.length).toBeGreaterThan(0);
      }
    },
  );

  it('shows what has no verdict as such, and never as 0', async () => {
    const reply = await ask({ ...all, filter: { statuses: ['unjudged'] } });
    expect(reply.answers.length).toBeGreaterThan(100);
    expect((await shownOf(reply)).every(({ verdict }) => verdict === undefined)).toBe(true);
    expect(reply.rows[0]?.measures.map(({ estimate }) => estimate.kind)).toEqual([
      'none',
      'none',
      'none',
      'none',
    ]);
  });

  it('has answers but no numbers for a rubric that it does not know', async () => {
    const reply = await ask({ ...all, judging: 1 });
    expect(reply).toMatchObject({ rubric: null, judging: judgings[1] });
    expect(reply.rows[0]?.measures).toEqual([]);
    expect(reply.answers).toHaveLength(rollouts.length);
  });

  it('puts the highest first, and what has no score last', async () => {
    const shown = await shownOf(await ask({ ...all, sort: 'aiSelfReference' }));
    const scores = shown.map(({ verdict }) =>
      verdict?.status === 'scored' ? verdict.scores['aiSelfReference'] : undefined,
    );
    const given = scores.filter((score) => typeof score === 'number');
    expect(given).toEqual([...given].sort((a, b) => b - a));
    expect(given.length).toBe(verdicts.length);
    expect(scores.slice(given.length).every((score) => score === undefined)).toBe(true);
  });

  it('answers the newest question when one overtakes another', async () => {
    results.ask(all);
    const reply = await ask({ ...all, filter: { models: ['a'] } });
    expect(reply.question.filter).toEqual({ models: ['a'] });
    expect(results.isReckoning).toBe(false);
  });

  it('shows the verdicts of the judging that is asked for', async () => {
    const { rolloutKey } = verdicts[0]!;
    const second = exampleVerdict(rolloutKey, judgings[1], { reason: 'Another.' });
    await store.put('verdicts', [[second.key, second]]);
    await shownOf(await ask(all));
    expect(results.shown(rolloutKey)?.verdict?.key).toBe(verdicts[0]?.key);
    await shownOf(await ask({ ...all, judging: 1 }));
    expect(results.shown(rolloutKey)?.verdict?.key).toBe(second.key);
    expect((await results.find(rolloutKey))?.verdicts.map(({ rubric }) => rubric)).toEqual([
      'identity',
      'gone',
    ]);
  });

  it('finds no answer that is none of the run', async () => {
    const [stray] = exampleRollouts({ ...run, prompts: [examplePrompt('elsewhere')] });
    await store.put('rollouts', [[stray!.key, stray!]]);
    expect(await results.find(stray!.key)).toBeNull();
    expect(await results.find('nothing')).toBeNull();
  });

  it('says why nothing came, and reads again when it is asked again', async () => {
    store.failAs('blocked');
    results.ask(all);
    await expect.poll(() => results.problem).not.toBe('');
    expect(results.reply).toBeNull();
    store.failAs(null);
    expect((await ask(all)).answers).toHaveLength(rollouts.length);
  });
});
