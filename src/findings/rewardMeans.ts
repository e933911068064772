import { rewardKind } from '../core/reward.ts';
import type { Run } from '../core/run.ts';
import type { JudgedSet } from './answers.ts';
import type { RewardDefinition } from './compareRewards.ts';
import { PromptValues } from './clusters.ts';
import type { Estimate } from './estimate.ts';
import { estimateOf } from './estimateMeasure.ts';
import { judgeNames } from './judgeNames.ts';
import { placeValues } from './placeValues.ts';

/** A model's mean reward by one definition. */
export interface RewardMean {
  readonly definition: RewardDefinition;
  readonly model: string;
  readonly estimate: Estimate;
}

/** Every reward of every model, over all answers of the suites that its rubric fits. */
export function rewardMeans(run: Run, sets: readonly JudgedSet[]): RewardMean[] {
  const names = judgeNames(sets);
  return sets.flatMap(({ rubric, answers }, place) => {
    if (rewardKind(rubric) === null) return [];
    const places = placeValues({ run, answers, rubric, by: [] }).filter(
      ({ measure }) => measure.id === 'reward',
    );
    const [first] = places;
    if (!first) return [];
    const definition = { rubric: rubric.title, judge: names[place] ?? '' };
    return run.models.map(({ id: model }) => {
      const values = new PromptValues();
      for (const each of places) values.addAll(each.values.get(model) ?? new PromptValues());
      return { definition, model, estimate: estimateOf(first.measure, values) };
    });
  });
}
