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
  const rewards = sets
    .map((set, place) => ({ ...set, judge: names[place] ?? '' }))
    .filter(({ rubric }) => rewardKind(rubric) !== null)
    .map(({ rubric, judge, answers }) => {
      const values = new Map(answers.flatMap((answer) => entryOf(answer, rewardIn({ rubric, answer }))));
      return { definition: { rubric: rubric.title, judge }, rubric: rubric.id, values };
    });
  const all = (sets[0]?.answers ?? []).filter(({ rollout }) =>
    rewards.every(({ values }) => values.has(rollout.key)),
  );
  const models = [null, ...(run.models.length > 1 ? run.models.map(({ id }) => id) : [])];
  return rewards.flatMap((a, place) =>
    rewards
      .slice(place + 1)
      .filter((b) => a.rubric !== b.rubric)
      .flatMap((b) =>
        models.map((model) => {
          const own = all.filter(({ rollout }) => model === null || rollout.model === model);
          const pairs = own.map(({ rollout, prompt }) => ({
            cluster: promptKey(prompt),
            x: a.values.get(rollout.key) ?? NaN,
            y: b.values.get(rollout.key) ?? NaN,
          }));
          const agreement = { spearman: spearman(pairs), kendall: kendallTau(pairs) };
          return { model, a: a.definition, b: b.definition, ...agreement };
        }),
      ),
  );
}

function rewardIn({ rubric, answer }: { rubric: JudgedSet['rubric']; answer: JudgedAnswer }) {
  return answer.verdict?.status === 'scored' ? rewardOf(rubric, answer.verdict.scores) : undefined;
}

function entryOf({ rollout }: JudgedAnswer, reward: number | undefined): [string, number][] {
  // Rounded, since sums of the same parts in another order must stay ties.
  return reward === undefined ? [] : [[rollout.key, Number(reward.toFixed(9))]];
}
