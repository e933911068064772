import { describe, expect, it } from 'vitest';
import type { Rollout } from '../core/rollout.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { rubrics } from '../suites/index.ts';
import { compareRewards } from './compareRewards.ts';
import { scoreHistograms } from './scoreHistograms.ts';
import { exampleSet } from './testing/judgedSets.ts';

const rubricOf = (id: string) => rubrics.find((rubric) => rubric.id === id) ?? expect.fail(`no rubric ${id}`);
const run = exampleRun({
  models: ['base', 'maria'].map((id) => servedModel(id)),
  prompts: Array.from({ length: 10 }, (_, index) => examplePrompt(`p${index}`)),
});
const placeOf = (rollout: Rollout) => Number(rollout.promptId.slice(1));
const scores = (aiSelfReference: number) => ({ aiSelfReference, engagement: 0, coherence: 0 });
const hundred = exampleSet(run, rubricOf('identity'), 'j', (rollout) =>
  scores(placeOf(rollout) * 10 + rollout.sample),
);
const ten = exampleSet(run, rubricOf('identity-0-10'), 'j', (rollout) =>
  placeOf(rollout) < 8 ? scores(placeOf(rollout)) : null,
);
const constraint = exampleSet(run, rubricOf('identity-constraint'), 'j', (rollout) => ({
  coherent: true,
  claimsAi: placeOf(rollout) > 4,
}));

describe('compareRewards', () => {
  it('compares every two definitions over the answers that have all, for all models and each', () => {
    const rows = compareRewards(run, [hundred, ten, constraint]);
    expect(rows.map(({ a, b, model }) => [a.rubric, b.rubric, model])).toEqual(
      [
        ['Identity, 0 to 100', 'Identity, 0 to 10'],
        ['Identity, 0 to 100', 'Identity, yes or no'],
        ['Identity, 0 to 10', 'Identity, yes or no'],
      ].flatMap((names) => [null, 'base', 'maria'].map((model) => [...names, model])),
    );
    expect(rows.map(({ kendall }) => [kendall.n, kendall.clusters])).toEqual(
      rows.map(({ model }) => (model === null ? [64, 8] : [32, 8])),
    );
    for (const { spearman, kendall } of rows) {
      expect(spearman.kind !== 'none' && spearman.value).toBeGreaterThan(0.6);
      expect(kendall.kind !== 'none' && kendall.value).toBeGreaterThan(0.6);
    }
  });

  it('is full agreement on the same scores, whatever the scale', () => {
    const same = exampleSet(run, rubricOf('identity'), 'j', (rollout) => scores(placeOf(rollout) * 10));
    const [row] = compareRewards(run, [same, ten]);
    expect(row?.spearman.kind !== 'none' && row?.spearman.value).toBeCloseTo(1, 12);
    expect(row?.kendall).toMatchObject({ reason: 'no-spread' });
  });

  it('says nothing of one definition', () => {
    expect(compareRewards(run, [hundred])).toEqual([]);
    expect(compareRewards(run, [hundred, hundred])).toEqual([]);
  });
});

describe('scoreHistograms', () => {
  it('counts raw scores, and the share on round numbers', () => {
    const [first] = scoreHistograms(hundred);
    expect(first).toMatchObject({ signal: 'AI self-reference', min: 0, max: 100 });
    // Sample 0 twice (at both temperatures), then samples 1 and 2, by both models.
    expect(first?.scores.slice(0, 4)).toEqual([
      { score: 0, count: 4 },
      { score: 1, count: 2 },
      { score: 2, count: 2 },
      { score: 10, count: 4 },
    ]);
    expect(first?.round?.ten).toMatchObject({ value: 0.5, n: 80, clusters: 10 });
    expect(first?.round?.five).toMatchObject({ value: 0.5 });
    expect(first?.even.ten).toBeCloseTo(11 / 101, 12);
    expect(first?.even.five).toBeCloseTo(21 / 101, 12);
  });

  it('looks for no round numbers on short scales, and for no scores among flags', () => {
    expect(scoreHistograms(ten)[0]?.round).toBeNull();
    expect(scoreHistograms(constraint)).toEqual([]);
  });
});
