import { z } from 'zod';
import { hashOf } from './ids.ts';
import type { ScoreRequest } from './ports/engine.ts';

const common = {
  /** SHA-256 over all that determines the scores; see {@link beliefKey}. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** The model card's id and the fingerprint of its weights. */
  model: z.string().min(1),
  modelFingerprint: z.string().min(1),
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
  /** What the answer says already. */
  begin: z.string(),
  /** How it could go on: words that say one thing, and words that say the other. */
  claim: z.array(z.string().min(1)),
  denial: z.array(z.string().min(1)),
  /** ISO 8601, UTC. */
  createdAt: z.iso.datetime(),
};

const scoreSchema = z.strictObject({
  /** In nats, of the whole text; null where a server does not list it. */
  logprob: z.number().nullable(),
  tokens: z.int().positive(),
});

const doneSchema = z.strictObject({
  ...common,
  status: z.literal('done'),
  /** Of the claim's words, then of the denial's. */
  scores: z.array(scoreSchema),
  /** Only first tokens are known, and of them the likeliest: what is not listed has less than any that is. */
  bound: z.literal(true).optional(),
  engine: z.strictObject({ kind: z.string(), device: z.string(), library: z.string() }),
});

const failedSchema = z.strictObject({ ...common, status: z.literal('failed'), error: z.string() });

/** How likely a model would go on with given words, or the record that it could not be had. */
export const beliefSchema = z.discriminatedUnion('status', [doneSchema, failedSchema]);
export type Belief = z.infer<typeof beliefSchema>;
export type DoneBelief = z.infer<typeof doneSchema>;

/** SHA-256 over the canonical JSON of everything that determines the scores. */
export function beliefKey(modelFingerprint: string, request: ScoreRequest): string {
  const { messages, begin, continuations, adapters } = request;
  return hashOf({ v: 1, model: modelFingerprint, messages, begin, continuations, adapters });
}
