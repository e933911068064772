import { rewardKind, rewardReader } from '../core/reward.ts';
import type { Run } from '../core/run.ts';
import { type JudgedSet, answersInAll, isScored } from './answers.ts';
import type { Estimate } from './estimate.ts';
import { judgeNames } from './judgeNames.ts';
import { NumberedPrompts } from './numberedPrompts.ts';
import { type Ranks, kendallTau, ranksOf, spearman } from './rankAgreement.ts';

/** One definition of the reward: a rubric that has one, and who judged by it. */
export interface RewardDefinition {
  readonly rubric: string;
  readonly judge: string;
}

/** Whether two rewards put the same answers in the same order. */
export interface RewardAgreement {
  /** Null: the answers of all models together. */
  readonly model: string | null;
  readonly a: RewardDefinition;
  readonly b: RewardDefinition;
  readonly spearman: Estimate;
  readonly kendall: Estimate;
}

/** Every two rewards by different rubrics, over the answers that have all rewards. */
export function compareRewards(run: Run, sets: readonly JudgedSet[]): RewardAgreement[] {
  const names = judgeNames(sets);
  const having = sets.flatMap((set, place) =>
    rewardKind(set.rubric) === null ? [] : [{ ...set, judge: names[place] ?? '' }],
  );
  if (new Set(having.map(({ rubric }) => rubric.id)).size < 2) return [];
  const { prompts, models, values } = rewardColumns(having);
  const rewards = having.map(({ rubric, judge }, place) => ({
    definition: { rubric: rubric.title, judge },
    rubric: rubric.id,
    ranks: ranksOf(values[place] ?? []),
  }));
  const groups = [null, ...(run.models.length > 1 ? run.models.map(({ id }) => id) : [])].map((model) => {
    const indices = [...prompts.keys()].filter((index) => model === null || models[index] === model);
    const numbers = new NumberedPrompts();
    const clusters = indices.map((index) => numbers.numberOf(prompts[index] ?? ''));
    return { model, clusters: new Int32Array(clusters), indices: new Int32Array(indices) };
  });
  return rewards.flatMap((a, place) =>
    rewards.slice(place + 1).flatMap((b) => {
      if (a.rubric === b.rubric) return [];
      return groups.map(({ model, clusters, indices }) => {
        const pairs = { clusters, x: ranksAt(a.ranks, indices), y: ranksAt(b.ranks, indices) };
        const agreement = { spearman: spearman(pairs), kendall: kendallTau(pairs) };
        return { model, a: a.definition, b: b.definition, ...agreement };
      });
    }),
  );
}

/** Of the answers that have all rewards: their prompts, their models, and a column of each reward. */
function rewardColumns(sets: readonly JudgedSet[]) {
  const [prompts, models]: [string[], string[]] = [[], []];
  const values = sets.map((): number[] => []);
  const readers = sets.map(({ rubric }) => rewardReader(rubric));
  for (const answers of answersInAll(sets)) {
    const own = answers.map((answer, place) =>
      answer && isScored(answer) ? readers[place]?.(answer.verdict.scores) : undefined,
    );
    const [first] = answers;
    if (!first || own.includes(undefined)) continue;
    prompts.push(first.cluster);
    models.push(first.rollout.model);
    // Rounded, since sums of the same parts in another order must stay ties.
    for (const [place, column] of values.entries()) column.push(Math.round((own[place] ?? NaN) * 1e9));
  }
  return { prompts, models, values };
}

const ranksAt = ({ of, places }: Ranks, indices: Int32Array): Ranks => ({
  of: indices.map((index) => of[index] ?? 0),
  places,
});
