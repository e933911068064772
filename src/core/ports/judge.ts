import type { JudgeSpec } from '../judgeSpec.ts';
import type { Rubric } from '../rubric.ts';
import type { PlannedPrompt } from '../run.ts';

export interface JudgeRequest {
  readonly rubric: Rubric;
  readonly prompt: PlannedPrompt;
  /** The rollout's text: untrusted, and hostile by nature. */
  readonly answer: string;
}

export interface JudgeReply {
  /** Word for word; read by parseVerdict. */
  readonly raw: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly notes: readonly string[];
}

export interface ScoreOptions {
  readonly signal?: AbortSignal;
  /** Called for each try that got no answer in time. The server may have worked on it all the same, and bill it. */
  readonly onLostTry?: () => void;
}

/** Scores one answer at a time; the caller runs many at once. */
export interface Judge {
  readonly spec: JudgeSpec;
  /** Calls worth having in flight at once. */
  readonly concurrency: number;
  /**
   * Retries what can pass (429, 5xx, network) by itself. Errors: {@link JudgeError} for this answer,
   * {@link JudgeRefusedError} for what every answer will meet. An abort rejects with the signal's reason.
   */
  score(request: JudgeRequest, options?: ScoreOptions): Promise<JudgeReply>;
}
