import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exampleRunFile } from '../core/testing/exampleRunFile.ts';
import { joinVerdicts, scoreOf } from './joinVerdicts.ts';
import { writePromptfoo } from './promptfoo.ts';

/**
 * What promptfoo 0.121.20 declares for version 3 (OutputFile, EvaluateResult and CompletedPromptSchema of its
 * index.d.ts), copied since the package takes 1.4 GB. `promptfoo import`, `show` and `export` were tried by hand:
 * the export gave the same scores, texts and sums back.
 */
const count = z.int().nonnegative();
const details = z.strictObject({ reasoning: count, acceptedPrediction: count, rejectedPrediction: count });
const tokens = { prompt: count, completion: count, cached: count, total: count, numRequests: count };
const usage = z.strictObject({
  ...tokens,
  completionDetails: details,
  assertions: z.strictObject({ ...tokens, completionDetails: details }),
});
const scores = z.record(z.string(), z.number());
const grade = z.strictObject({
  pass: z.boolean(),
  score: z.number(),
  reason: z.string(),
  namedScores: scores,
});
const prompt = { raw: z.string(), label: z.string() };
const vars = z.strictObject({ prompt: z.string() });
const schema = z.strictObject({
  evalId: z.string(),
  results: z.strictObject({
    version: z.literal(3),
    timestamp: z.iso.datetime(),
    prompts: z.array(
      z.strictObject({
        ...prompt,
        provider: z.string(),
        metrics: z.strictObject({
          score: z.number(),
          testPassCount: count,
          testFailCount: count,
          testErrorCount: count,
          assertPassCount: count,
          assertFailCount: count,
          totalLatencyMs: z.number(),
          tokenUsage: usage,
          namedScores: scores,
          namedScoresCount: scores,
          cost: z.number(),
        }),
      }),
    ),
    results: z.array(
      z.strictObject({
        id: z.string(),
        promptIdx: count,
        testIdx: count,
        testCase: z.strictObject({
          description: z.string(),
          vars,
          metadata: z.record(z.string(), z.unknown()),
        }),
        promptId: z.string(),
        provider: z.strictObject({ id: z.string() }),
        prompt: z.strictObject(prompt),
        vars,
        response: z.union([
          z.strictObject({ output: z.string(), tokenUsage: usage }),
          z.strictObject({ error: z.string() }),
        ]),
        error: z.string().nullable(),
        failureReason: z.literal([0, 1, 2]),
        success: z.boolean(),
        score: z.number(),
        latencyMs: z.number(),
        gradingResult: grade.extend({ componentResults: z.array(grade) }),
        namedScores: scores,
        metadata: z.record(z.string(), z.unknown()),
        tokenUsage: usage,
      }),
    ),
    stats: z.strictObject({ successes: count, failures: count, errors: count, tokenUsage: usage }),
  }),
  config: z.strictObject({
    description: z.string(),
    prompts: z.array(z.string()),
    providers: z.array(z.strictObject({ id: z.string(), label: z.string() })),
  }),
  shareableUrl: z.null(),
  vars: z.array(z.string()),
  metadata: z.strictObject({
    tool: z.string(),
    exportedAt: z.iso.datetime(),
    evaluationCreatedAt: z.iso.datetime(),
  }),
});

describe('writePromptfoo', () => {
  const data = exampleRunFile();
  const text = writePromptfoo(data, { exportedAt: '2026-11-28T00:00:00.000Z' });
  const { results } = schema.parse(JSON.parse(text));
  const byKey = new Map(results.results.map((result) => [result.id, result]));

  it('has every answer once: a column for each model, a row for each draw', () => {
    expect(byKey.size).toBe(data.rollouts.length);
    const cells = results.results.map(({ promptIdx, testIdx }) => `${promptIdx}/${testIdx}`);
    expect(new Set(cells).size).toBe(data.rollouts.length);
    expect(results.prompts.map(({ provider }) => provider)).toEqual(['one', 'two']);
    for (const rollout of data.rollouts) {
      const result = byKey.get(rollout.key);
      expect(result?.vars.prompt).toBe(rollout.prompt);
      const isDone = rollout.status === 'done';
      expect(result?.response).toMatchObject(isDone ? { output: rollout.text } : { error: rollout.error });
      expect(result).toMatchObject({ success: isDone, failureReason: isDone ? 0 : 2 });
    }
  });

  it('has every number of every judging, and none where none is', () => {
    for (const rollout of data.rollouts) {
      const expected = joinVerdicts(data).flatMap(({ name, signals, verdictOn }) =>
        signals.flatMap((signal) => {
          const score = scoreOf(verdictOn(rollout), signal);
          return score === undefined || typeof score === 'string'
            ? []
            : [[`${name}/${signal}`, Number(score)]];
        }),
      );
      expect(byKey.get(rollout.key)?.namedScores).toEqual(Object.fromEntries(expected));
    }
  });

  it('has sums and counts whose means are those of the scores, and words among the reasons', () => {
    const name = 'identity/judge-x/coherence';
    for (const [column, { metrics }] of results.prompts.entries()) {
      const own = results.results.filter(({ promptIdx }) => promptIdx === column);
      const given = own.flatMap(({ namedScores }) => namedScores[name] ?? []);
      expect(metrics.namedScoresCount[name]).toBe(given.length);
      expect(metrics.namedScores[name]).toBe(given.reduce((sum, score) => sum + score, 0));
    }
    const reasons = results.results.flatMap(({ gradingResult }) =>
      gradingResult.componentResults.map(({ reason }) => reason),
    );
    expect(reasons).toContain('identity/rules stance: denies. Speaks as a person.');
    expect(reasons).toContain("identity/judge-x The judge's reply holds no JSON object.");
  });
});
