import { canonicalJson } from '../core/ids.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Judging, PlannedPrompt, Run } from '../core/run.ts';
import type { Verdict } from '../core/verdict.ts';

/** A stored answer with its prompt and its verdict by one judging. */
export interface JudgedAnswer {
  readonly rollout: Rollout;
  readonly prompt: PlannedPrompt;
  /** Undefined when it was not judged. */
  readonly verdict: Verdict | undefined;
}

/** A prompt's name within a run; answers are clustered by it. */
export function promptKey({
  suite,
  promptId,
}: {
  readonly suite: string;
  readonly promptId: string;
}): string {
  return `${suite}/${promptId}`;
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
  const prompts = new Map(options.run.prompts.map((prompt) => [promptKey(prompt), prompt]));
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

/** As isSameJudging in core, without hashing each of thousands of verdicts. */
function matcherOf(judging: Judging | undefined): (verdict: Verdict) => boolean {
  if (!judging) return () => false;
  const judge = canonicalJson(judging.judge);
  return (verdict) =>
    verdict.rubric === judging.rubric &&
    verdict.rubricVersion === judging.rubricVersion &&
    canonicalJson(verdict.judge) === judge;
}
