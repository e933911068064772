import type { Rollout } from '../../core/rollout.ts';
import type { Judging, Run } from '../../core/run.ts';
import { exampleRollouts, exampleVerdict } from '../../core/testing/exampleRecords.ts';
import type { ScoredVerdict } from '../../core/verdict.ts';
import type { Rubric } from '../../core/rubric.ts';
import { type JudgedSet, joinVerdicts } from '../answers.ts';

/** A served judge of this name, by the rubric. */
export function servedJudging(rubric: Rubric, model: string): Judging {
  const judge = {
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:9/v1',
    model,
    temperature: 0,
    maxTokens: 400,
  } as const;
  return { rubric: rubric.id, rubricVersion: rubric.version, judge };
}

/** Every answer of the run with the scores that `score` gives; null: the judge gave no verdict. */
export function exampleSet(
  run: Run,
  rubric: Rubric,
  model: string,
  score: (rollout: Rollout) => ScoredVerdict['scores'] | null,
): JudgedSet {
  const judging = servedJudging(rubric, model);
  const rollouts = exampleRollouts(run);
  const verdicts = rollouts.flatMap((rollout) => {
    const scores = score(rollout);
    return scores === null ? [] : [exampleVerdict(rollout.key, judging, { scores })];
  });
  return { judging, rubric, answers: joinVerdicts({ run, rollouts, verdicts, judging }) };
}
