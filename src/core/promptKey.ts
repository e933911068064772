import type { PlannedPrompt, Run } from './run.ts';

/** A prompt's name within a run, as `identity/you`; answers are clustered by it. */
export function promptKey({
  suite,
  promptId,
}: {
  readonly suite: string;
  readonly promptId: string;
}): string {
  return `${suite}/${promptId}`;
}

/** A run's prompts by {@link promptKey}, to find that of an answer. */
export function promptsByKey({ prompts }: Pick<Run, 'prompts'>): Map<string, PlannedPrompt> {
  return new Map(prompts.map((prompt) => [promptKey(prompt), prompt]));
}
