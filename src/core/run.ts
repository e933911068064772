import { z } from 'zod';
import { judgeSpecSchema } from './judgeSpec.ts';
import { modelCardSchema } from './model.ts';
import { promptSchema, suiteKinds } from './suite.ts';

/** A prompt as a run asks it: copied from its suite, so that a run stays whole when the suite changes. */
export const plannedPromptSchema = promptSchema.omit({ id: true }).extend({
  suite: z.string().min(1),
  suiteVersion: z.int().nonnegative(),
  suiteKind: z.enum(suiteKinds),
  promptId: z.string().min(1),
});
export type PlannedPrompt = z.infer<typeof plannedPromptSchema>;

export const repeatSchema = z.int().min(2).max(100).optional();

/** One scoring that was asked for: with the rubric and the judge every verdict's key can be derived. */
export const judgingSchema = z.strictObject({
  rubric: z.string().min(1),
  rubricVersion: z.int().nonnegative(),
  judge: judgeSpecSchema,
  /** Which scoring of the same kind this is; absent for the first. The further ones may be of a share of the answers. */
  repeat: repeatSchema,
});
export type Judging = z.infer<typeof judgingSchema>;

/** The newest version of the stored form; migrate.ts lifts older ones. */
export const runFormat = 1;

/** models x prompts x temperatures x samples. Everything a rollout depends on, and nothing of its outcome. */
export const runSchema = z.strictObject({
  format: z.literal(runFormat),
  id: z.string().min(1),
  name: z.string().min(1),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
  models: z.array(modelCardSchema).min(1),
  prompts: z.array(plannedPromptSchema).min(1),
  /** Empty for none. */
  system: z.string(),
  temperatures: z.array(z.number().min(0).max(5)).min(1),
  /** Samples per prompt at every temperature above 0; at 0 there is one, since greedy answers repeat. */
  samples: z.int().min(1).max(10_000),
  topP: z.number().gt(0).max(1),
  /** 1 or absent is none. */
  repetitionPenalty: z.number().gt(0).max(10).optional(),
  maxTokens: z.int().min(1).max(32_768),
  stop: z.array(z.string().min(1)),
  seed: z.int().nonnegative().max(0xffffffff),
  judgings: z.array(judgingSchema),
});
export type Run = z.infer<typeof runSchema>;

/** As in the post: three samples at temperature 0.8 and one at 0. */
export const runDefaults = {
  system: 'Answer naturally and directly.',
  temperatures: [0, 0.8],
  samples: 3,
  topP: 0.95,
  maxTokens: 200,
  stop: [],
  seed: 1,
} as const;
