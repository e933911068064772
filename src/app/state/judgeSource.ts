import type { Judge } from '../../core/ports/judge.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { JudgeJob } from '../../core/verdictOf.ts';
import type { JudgeSettings } from './settingsState.svelte.ts';

/** Where judges come from; main.ts builds it, and fetches their code when it is asked for. */
export interface JudgeSource {
  /** Rules: no key, no network. */
  rough(): Promise<Judge>;
  /** The judge of the settings. Errors: {@link InputError} when they do not name one. */
  served(settings: JudgeSettings, options?: { readonly retries?: number }): Promise<Judge>;
  /** The calls as OpenAI Batch files, each a list of lines within the limits of one. */
  writeBatch(
    jobs: readonly JudgeJob[],
    judging: Judging,
    rubric: Rubric,
    leaveOut: readonly 'temperature'[],
  ): Promise<readonly (readonly string[])[]>;
  /** Errors: {@link InputError} naming file and line. */
  readBatch(
    files: readonly { readonly name: string; readonly text: string }[],
    reading: {
      readonly jobs: readonly JudgeJob[];
      readonly judging: Judging;
      readonly rubric: Rubric;
      readonly createdAt: string;
    },
  ): Promise<{ readonly verdicts: readonly Verdict[]; readonly foreign: number }>;
}

/** The rubrics that the rules answer. */
export function isRough(rubric: Pick<Rubric, 'id'>): boolean {
  return rubric.id.startsWith('rough-');
}
