import { describe, expect, it } from 'vitest';
import { exampleRollouts, exampleVerdict } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { rubrics } from '../suites/index.ts';
import { joinVerdicts } from './answers.ts';
import { pairPlaces } from './pairPlaces.ts';
import { type PlaceOptions, placeValues } from './placeValues.ts';
import { pairedMeanDifference } from './estimate.ts';

const rubric = rubrics.find(({ id }) => id === 'identity') ?? expect.fail('no rubric identity');
const judging = {
  rubric: 'identity',
  rubricVersion: rubric.version,
  judge: { kind: 'rules', version: 1 },
} as const;
const prompts = [
  examplePrompt('you'),
  examplePrompt('robot', { group: 'framing-human' }),
  examplePrompt('day', { category: 'indirect' }),
  examplePrompt('night', { category: 'indirect' }),
];
const run = exampleRun({ models: ['base', 'maria@0.5', 'maria'].map((id) => servedModel(id)), prompts });

/** What a model scores: harder prompts move all models, so that only a paired difference is exact. */
function scoreOf(model: string, promptId: string): number {
  const step = { base: 0, 'maria@0.5': 20, maria: 40 }[model] ?? expect.fail(model);
  return 90 - step - 10 * prompts.findIndex((prompt) => prompt.promptId === promptId);
}

const rollouts = exampleRollouts(run);
const verdicts = rollouts.map((rollout) =>
  exampleVerdict(rollout.key, judging, {
    scores: {
      aiSelfReference: scoreOf(rollout.model, rollout.promptId) + rollout.sample,
      engagement: 50,
      coherence: 100,
    },
  }),
);
const answers = joinVerdicts({ run, rollouts, verdicts, judging });

const compareModels = ({ base, ...options }: PlaceOptions & { readonly base?: string }) =>
  pairPlaces(options.run, placeValues(options), base).map(({ comparison }) => comparison);

describe('pairPlaces', () => {
  it('sets every other model against the first, place by place', () => {
    const rows = compareModels({ run, answers, rubric }).filter(
      ({ measure }) => measure.id === 'aiSelfReference',
    );
    expect(rows.map(({ key, base }) => [key.model, key.category, base])).toEqual([
      ['maria@0.5', 'direct', 'base'],
      ['maria@0.5', 'indirect', 'base'],
      ['maria', 'direct', 'base'],
      ['maria', 'indirect', 'base'],
    ]);
    expect(rows.map(({ difference }) => difference)).toMatchObject([
      { value: -20, clusters: 2, n: 16 },
      { value: -20 },
      { value: -40 },
      { value: -40 },
    ]);
  });

  it('against another base, in places of another kind', () => {
    const rows = compareModels({ run, answers, rubric, base: 'maria', by: ['temperature'] });
    const reward = rows.filter(({ measure }) => measure.id === 'reward');
    expect(reward.map(({ key }) => [key.model, key.category, key.temperature])).toEqual([
      ['base', null, 0],
      ['base', null, 0.8],
      ['maria@0.5', null, 0],
      ['maria@0.5', null, 0.8],
    ]);
    const [first] = reward.map(({ difference }) => difference);
    expect(first?.kind !== 'none' && first?.value).toBeCloseTo(-0.6 * 0.4, 12);
  });

  it('uses only prompts that both models were scored on', () => {
    const some = answers.filter(({ rollout }) => rollout.model !== 'maria' || rollout.promptId !== 'you');
    const row = compareModels({ run, answers: some, rubric }).find(
      ({ key, measure }) => key.model === 'maria' && measure.id === 'aiSelfReference',
    );
    expect(row?.difference).toMatchObject({ kind: 'point', reason: 'one-prompt', value: -40, missing: 4 });
  });

  it('is the paired estimate of all answers there', () => {
    const values = (model: string) =>
      answers
        .filter(({ rollout }) => rollout.model === model && rollout.category === 'direct')
        .map(({ rollout, verdict }) => ({
          cluster: `identity/${rollout.promptId}`,
          value: verdict?.status === 'scored' ? Number(verdict.scores['aiSelfReference']) : null,
        }));
    const [row] = compareModels({ run, answers, rubric });
    expect(row?.difference).toEqual(pairedMeanDifference(values('maria@0.5'), values('base')));
  });

  it('compares nothing in a run of one model', () => {
    expect(compareModels({ run: exampleRun(), answers: [], rubric })).toEqual([]);
  });
});
