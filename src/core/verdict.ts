import { z } from 'zod';
import { hashOf, hasherOf } from './ids.ts';
import { type JudgeSpec, judgeSpecSchema } from './judgeSpec.ts';
import { type Judging, repeatSchema } from './run.ts';

export const scoreSchema = z.union([z.number(), z.boolean(), z.string()]);

const common = {
  /** SHA-256 over the rollout's key, the rubric and the judge; see {@link verdictKey}. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  rolloutKey: z.string().regex(/^[0-9a-f]{64}$/),
  rubric: z.string().min(1),
  rubricVersion: z.int().nonnegative(),
  judge: judgeSpecSchema,
  repeat: repeatSchema,
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  /** The judge's reply, word for word; empty when none came. */
  raw: z.string(),
  inputTokens: z.int().nonnegative().nullable(),
  outputTokens: z.int().nonnegative().nullable(),
  /** What was done differently from the judge's settings, such as a parameter the server refused. */
  notes: z.array(z.string()),
  /** Tries that got no answer in time; each may have been billed. */
  lostTries: z.int().positive().optional(),
};

const scoredSchema = z.strictObject({
  ...common,
  status: z.literal('scored'),
  scores: z.record(z.string(), scoreSchema),
  reason: z.string(),
});

const failedSchema = z.strictObject({ ...common, status: z.literal('failed'), error: z.string() });

/** One scoring of one rollout. A reply that cannot be read is a failed verdict, never a number. */
export const verdictSchema = z.discriminatedUnion('status', [scoredSchema, failedSchema]);
export type Verdict = z.infer<typeof verdictSchema>;
export type ScoredVerdict = z.infer<typeof scoredSchema>;

/** A verdict that is stored under its key is never paid for again. */
export function verdictKey(rolloutKey: string, judging: Judging): string {
  return hashOf({ v: 1, rolloutKey, ...judging });
}

/** {@link verdictKey} of one judging, for many answers. */
export function verdictKeysOf(judging: Judging): (rolloutKey: string) => string {
  const hash = hasherOf({ v: 1, ...judging }, ['rolloutKey']);
  return (rolloutKey) => hash({ rolloutKey });
}

/** The judging that a verdict is of. */
export function judgingOfVerdict({ rubric, rubricVersion, judge, repeat }: Verdict): Judging {
  return { rubric, rubricVersion, judge, ...(repeat === undefined ? {} : { repeat }) };
}

/** True for two scorings by the same rubric, judge and settings, and not the one a repeat of the other. */
export function isSameJudging(a: Judging, b: Judging): boolean {
  return (
    a.rubric === b.rubric &&
    a.rubricVersion === b.rubricVersion &&
    a.repeat === b.repeat &&
    isSameSpec(a.judge, b.judge)
  );
}

function isSameSpec(a: JudgeSpec, b: JudgeSpec): boolean {
  if (a.kind === 'openai' && b.kind === 'openai')
    return (
      a.model === b.model &&
      a.baseUrl === b.baseUrl &&
      a.temperature === b.temperature &&
      a.maxTokens === b.maxTokens
    );
  if (a.kind === 'rules' && b.kind === 'rules') return a.version === b.version;
  return a.kind === 'human' && b.kind === 'human' && a.name === b.name;
}
