import { parseVerdict } from './parseVerdict.ts';
import type { JudgeReply } from './ports/judge.ts';
import type { DoneRollout } from './rollout.ts';
import type { Rubric } from './rubric.ts';
import type { Judging, PlannedPrompt } from './run.ts';
import type { Verdict } from './verdict.ts';

/** An answer that waits for its verdict. */
export interface JudgeJob {
  readonly key: string;
  readonly rollout: DoneRollout;
  readonly prompt: PlannedPrompt;
  /** What is stored under the key. */
  readonly stored: Verdict | undefined;
}

function commonOf(job: Pick<JudgeJob, 'key' | 'rollout'>, judging: Judging, createdAt: string) {
  return { key: job.key, rolloutKey: job.rollout.key, ...judging, createdAt };
}

/** Reads a judge's reply strictly; one that cannot be read is a failed verdict that keeps the raw text. */
export function verdictOf(
  job: Pick<JudgeJob, 'key' | 'rollout' | 'prompt'>,
  judging: Judging,
  rubric: Rubric,
  reply: JudgeReply,
  createdAt: string,
): Verdict {
  const common = {
    ...commonOf(job, judging, createdAt),
    raw: reply.raw,
    inputTokens: reply.inputTokens,
    outputTokens: reply.outputTokens,
    notes: [...reply.notes],
  };
  const parsed = parseVerdict({ rubric, prompt: job.prompt, reply: reply.raw });
  return parsed.ok
    ? { ...common, status: 'scored', scores: parsed.scores, reason: parsed.reason }
    : { ...common, status: 'failed', error: parsed.error };
}

/** The record that no reply could be had. */
export function failedVerdict(job: JudgeJob, judging: Judging, error: string, createdAt: string): Verdict {
  const none = { raw: '', inputTokens: null, outputTokens: null, notes: [] };
  return { ...commonOf(job, judging, createdAt), ...none, status: 'failed', error };
}

/** The verdict with the tries before it that may have been billed, in its settings too. */
export function withLostTries(verdict: Verdict, lostTries: number): Verdict {
  if (lostTries === 0) return verdict;
  const tries = lostTries === 1 ? 'One try' : `${lostTries} tries`;
  const note = `${tries} got no answer in time. The server may bill that, so a budget counts it at the worst case.`;
  return { ...verdict, lostTries, notes: [...verdict.notes, note] };
}
