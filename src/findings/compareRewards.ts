import { promptKey } from '../core/promptKey.ts';
import { rewardKind, rewardOf } from '../core/reward.ts';
import type { Run } from '../core/run.ts';
import type { JudgedAnswer, JudgedSet } from './answers.ts';
import type { Estimate } from './estimate.ts';
import { judgeNames } from './judgeNames.ts';
import { kendallTau, spearman } from './rankAgreement.ts';

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
  const rewards = sets.flatMap(({ rubric, answers }, place) => {
    if (rewardKind(rubric) === null) return [];
    const definition = { rubric: rubric.title, judge: names[place] ?? '' };
    const values = new Map(answers.flatMap((answer) => entryOf(answer, rewardIn({ rubric, answer }))));
    return [{ definition, rubric: rubric.id, values }];
  });
  const all = (sets[0]?.answers ?? []).flatMap(({ rollout, prompt }) => {
    const values = rewards.map((reward) => reward.values.get(rollout.key));
    const isWhole = values.every((value) => value !== undefined);
    return isWhole ? [{ cluster: promptKey(prompt), model: rollout.model, values }] : [];
  });
  const models = [null, ...(run.models.length > 1 ? run.models.map(({ id }) => id) : [])];
  const groups = models.map((model) => ({
    model,
    own: all.filter((answer) => model === null || answer.model === model),
  }));
  return rewards.flatMap((a, placeA) =>
    rewards.flatMap((b, placeB) => {
      if (placeB <= placeA || a.rubric === b.rubric) return [];
      return groups.map(({ model, own }) => {
        const pairs = own.map(({ cluster, values }) => ({
          cluster,
          x: values[placeA] ?? NaN,
          y: values[placeB] ?? NaN,
        }));
        const agreement = { spearman: spearman(pairs), kendall: kendallTau(pairs) };
        return { model, a: a.definition, b: b.definition, ...agreement };
      });
    }),
  );
}

function rewardIn({ rubric, answer }: { rubric: JudgedSet['rubric']; answer: JudgedAnswer }) {
  return answer.verdict?.status === 'scored' ? rewardOf(rubric, answer.verdict.scores) : undefined;
}

function entryOf({ rollout }: JudgedAnswer, reward: number | undefined): [string, number][] {
  // Rounded, since sums of the same parts in another order must stay ties.
  return reward === undefined ? [] : [[rollout.key, Number(reward.toFixed(9))]];
}
