import { promptKey } from '../core/promptKey.ts';
import { type Rollout, messagesOf } from '../core/rollout.ts';
import type { RunFile } from '../core/runFile.ts';
import { type NamedJudging, joinVerdicts, scoreOf } from './joinVerdicts.ts';

/** Of promptfoo's failure reasons: none, and no answer. */
const failureReasons = { none: 0, error: 2 } as const;

/**
 * A run as promptfoo's results (JSON, version 3; types of promptfoo 0.121.20), which `promptfoo import` reads and
 * its viewer shows as a table: a column for each model, a row for each draw of a prompt at a temperature. Every
 * numeric signal of every judging is a named score `rubric/judge/signal`, a flag as 0 or 1; a missing one is left
 * out. A choice is a word, and stands with the reasons. promptfoo wants a pass and a score in every cell: here
 * they say that an answer came, and nothing about it.
 */
export function writePromptfoo(data: RunFile, { exportedAt }: { readonly exportedAt: string }): string {
  const { run, rollouts } = data;
  const judgings = joinVerdicts(data);
  const columns = new Map(run.models.map(({ id }, column) => [id, column]));
  const rows = new Map<string, number>();
  const rowOf = (rollout: Rollout): number => {
    const key = [promptKey(rollout), rollout.temperature, rollout.sample].join('\n');
    return rows.get(key) ?? (rows.set(key, rows.size), rows.size - 1);
  };
  const results = rollouts.map((rollout) =>
    resultOf(rollout, judgings, columns.get(rollout.model) ?? 0, rowOf(rollout)),
  );
  const prompts = run.models.map(({ id, name }, column) => ({
    ...promptOf(run.system),
    label: name,
    provider: id,
    metrics: metricsOf(results.filter(({ promptIdx }) => promptIdx === column)),
  }));
  const metrics = metricsOf(results);
  const stats = {
    successes: metrics.testPassCount,
    failures: 0,
    errors: metrics.testErrorCount,
    tokenUsage: metrics.tokenUsage,
  };
  return JSON.stringify({
    evalId: `otherself-${run.id}`,
    results: { version: 3, timestamp: run.createdAt, prompts, results, stats },
    config: {
      description: run.name,
      prompts: [promptOf(run.system).raw],
      providers: run.models.map(({ id, name }) => ({ id, label: name })),
    },
    shareableUrl: null,
    vars: ['prompt'],
    metadata: { tool: 'otherself', exportedAt, evaluationCreatedAt: run.createdAt },
  });
}

/** As promptfoo writes a chat: the messages with a place for the question. */
function promptOf(system: string) {
  return { raw: JSON.stringify(messagesOf(system, '{{prompt}}')), label: 'prompt' };
}

type PromptfooResult = ReturnType<typeof resultOf>;

function resultOf(rollout: Rollout, judgings: readonly NamedJudging[], promptIdx: number, testIdx: number) {
  const { key, suite, promptId, category, temperature, sample, seed } = rollout;
  const isDone = rollout.status === 'done';
  const vars = { prompt: rollout.prompt };
  const tokenUsage = usageOf(rollout);
  const answered = { pass: isDone, score: isDone ? 1 : 0 };
  const grades = judgings.flatMap((judging) => gradeOf(judging, rollout));
  const namedScores = Object.assign({}, ...grades.map((grade) => grade.namedScores)) as Record<
    string,
    number
  >;
  const metadata = { suite, promptId, category, temperature, sample, seed };
  return {
    id: key,
    promptIdx,
    testIdx,
    testCase: { description: `${promptId} at ${temperature}, draw ${sample + 1}`, vars, metadata },
    promptId: key,
    provider: { id: rollout.model },
    prompt: promptOf(rollout.system),
    vars,
    response: isDone ? { output: rollout.text, tokenUsage } : { error: rollout.error },
    error: isDone ? null : rollout.error,
    failureReason: isDone ? failureReasons.none : failureReasons.error,
    success: isDone,
    score: answered.score,
    latencyMs: isDone ? rollout.durationMs : 0,
    gradingResult: {
      ...answered,
      reason: isDone ? 'An answer came; the scores say more.' : rollout.error,
      namedScores,
      componentResults: grades,
    },
    namedScores,
    metadata,
    tokenUsage,
  };
}

/** What one judging says, with its words; a failed verdict has no score but its error as the reason. */
function gradeOf({ name, signals, verdictOn }: NamedJudging, rollout: Rollout) {
  const verdict = verdictOn(rollout);
  if (!verdict) return [];
  const namedScores: Record<string, number> = {};
  const words: string[] = [];
  for (const signal of signals) {
    const score = scoreOf(verdict, signal);
    if (typeof score === 'string') words.push(`${signal}: ${score}.`);
    else if (score !== undefined) namedScores[`${name}/${signal}`] = Number(score);
  }
  const isScored = verdict.status === 'scored';
  const reason = [name, ...words, isScored ? verdict.reason : verdict.error].join(' ');
  return [{ pass: isScored, score: isScored ? 1 : 0, reason, namedScores }];
}

function usageOf(rollout: Rollout) {
  const [prompt, completion] = rollout.status === 'done' ? [rollout.promptTokens, rollout.tokens] : [0, 0];
  return tokenUsageOf({ prompt, completion, numRequests: 1 });
}

/** All fields that promptfoo requires, whether they can occur here or not. */
function tokenUsageOf({
  prompt,
  completion,
  numRequests,
}: Readonly<Record<'prompt' | 'completion' | 'numRequests', number>>) {
  const completionDetails = { reasoning: 0, acceptedPrediction: 0, rejectedPrediction: 0 };
  const assertions = { total: 0, prompt: 0, completion: 0, cached: 0, numRequests: 0, completionDetails };
  return {
    total: prompt + completion,
    prompt,
    completion,
    cached: 0,
    numRequests,
    completionDetails,
    assertions,
  };
}

/** Sums and counts, of which promptfoo shows the means. */
function metricsOf(results: readonly PromptfooResult[]) {
  const passed = results.filter(({ success }) => success).length;
  const sum = (read: (result: PromptfooResult) => number): number =>
    results.reduce((total, result) => total + read(result), 0);
  const namedScores: Record<string, number> = {};
  const namedScoresCount: Record<string, number> = {};
  for (const [name, score] of results.flatMap((result) => Object.entries(result.namedScores))) {
    namedScores[name] = (namedScores[name] ?? 0) + score;
    namedScoresCount[name] = (namedScoresCount[name] ?? 0) + 1;
  }
  return {
    score: passed,
    testPassCount: passed,
    testFailCount: 0,
    testErrorCount: results.length - passed,
    assertPassCount: 0,
    assertFailCount: 0,
    totalLatencyMs: sum(({ latencyMs }) => latencyMs),
    tokenUsage: tokenUsageOf({
      prompt: sum(({ tokenUsage }) => tokenUsage.prompt),
      completion: sum(({ tokenUsage }) => tokenUsage.completion),
      numRequests: results.length,
    }),
    namedScores,
    namedScoresCount,
    cost: 0,
  };
}
