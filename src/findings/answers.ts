import { promptKey, promptsByKey } from '../core/promptKey.ts';
import type { Rubric } from '../core/rubric.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Judging, PlannedPrompt, Run } from '../core/run.ts';
import { type Verdict, isSameJudging, judgingOfVerdict } from '../core/verdict.ts';

/** A stored answer with its prompt and its verdict by one judging. */
export interface JudgedAnswer {
  readonly rollout: Rollout;
  readonly prompt: PlannedPrompt;
  /** Undefined when it was not judged. */
  readonly verdict: Verdict | undefined;
}

/** All answers of a run with the verdicts of one judging. */
export interface JudgedSet {
  readonly judging: Judging;
  readonly rubric: Rubric;
  readonly answers: readonly JudgedAnswer[];
}

/**
 * The run's answers with their verdicts by the given judging; without one, with none. Answers to prompts that
 * the run does not have are left out.
 */
export function joinVerdicts(options: {
  readonly run: Run;
  readonly rollouts: Iterable<Rollout>;
  readonly verdicts: Iterable<Verdict>;
  readonly judging?: Judging;
}): JudgedAnswer[] {
  const prompts = promptsByKey(options.run);
  const byRollout = new Map<string, Verdict>();
  const isWanted = matcherOf(options.judging);
  for (const verdict of options.verdicts) {
    if (isWanted(verdict)) byRollout.set(verdict.rolloutKey, verdict);
  }
  return [...options.rollouts].flatMap((rollout) => {
    const prompt = prompts.get(promptKey(rollout));
    return prompt ? [{ rollout, prompt, verdict: byRollout.get(rollout.key) }] : [];
  });
}

/** By isSameJudging, whose hashing is done once per judge that occurs, not once per verdict. */
function matcherOf(judging: Judging | undefined): (verdict: Verdict) => boolean {
  if (!judging) return () => false;
  const known = new Map<string, boolean>();
  return (verdict) => {
    const own = judgingOfVerdict(verdict);
    const name = JSON.stringify(own);
    const same = known.get(name) ?? isSameJudging(own, judging);
    known.set(name, same);
    return same;
  };
}
