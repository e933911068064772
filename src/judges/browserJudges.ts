import { InputError } from '../core/errors.ts';
import type { Judge } from '../core/ports/judge.ts';
import type { Rubric } from '../core/rubric.ts';
import type { Judging } from '../core/run.ts';
import type { JudgeJob } from '../core/verdictOf.ts';
import type { BatchFile, BatchReading, BatchResult } from './batch.ts';
import type { BatchOmission } from './batchOmissions.ts';

/** A reason of one sentence and a few scores take 60 tokens; models that think aloud first need more. */
const maxTokens = 400;

export interface ServedJudge {
  readonly baseUrl: string;
  readonly model: string;
  readonly concurrency: number;
  readonly requestsPerMinute: number | null;
}

/** The browser's judges, each fetched when it is first needed. */
export function browserJudges({ apiKeyOf }: { readonly apiKeyOf: (baseUrl: string) => string | undefined }) {
  return {
    async rough(): Promise<Judge> {
      const { RulesJudge } = await import('./rules/rulesJudge.ts');
      const { browserSandbox } = await import('./rules/sandbox/browserSandbox.ts');
      return new RulesJudge(browserSandbox);
    },
    async served(
      { baseUrl, model, concurrency, requestsPerMinute }: ServedJudge,
      options: { readonly retries?: number } = {},
    ): Promise<Judge> {
      if (baseUrl.trim() === '' || model.trim() === '') {
        throw new InputError('No judge is set: name its address and model in Settings.');
      }
      if (!/^https?:\/\/[^/\s]/.test(baseUrl.trim())) {
        throw new InputError("The judge's address must begin with http:// or https://. Mend it in Settings.");
      }
      const { OpenAiJudge } = await import('./openai/openAiJudge.ts');
      return new OpenAiJudge(
        { kind: 'openai', baseUrl: baseUrl.trim(), model: model.trim(), temperature: 0, maxTokens },
        {
          ...{ apiKey: apiKeyOf(baseUrl), concurrency, ...options },
          requestsPerMinute: requestsPerMinute ?? undefined,
        },
      );
    },
    async writeBatch(
      jobs: readonly JudgeJob[],
      { judge }: Judging,
      rubric: Rubric,
      leaveOut: readonly BatchOmission[],
    ): Promise<readonly (readonly string[])[]> {
      if (judge.kind !== 'openai')
        throw new InputError('A batch file is for a judge that is a language model.');
      const { splitBatch, writeBatch } = await import('./batch.ts');
      return [...splitBatch(writeBatch(jobs, { judge, rubric, random: Math.random, leaveOut }))];
    },
    async readBatch(files: readonly BatchFile[], reading: BatchReading): Promise<BatchResult> {
      const { readBatchResults } = await import('./batch.ts');
      return readBatchResults(files, reading);
    },
  };
}
