import { z } from 'zod';
import type { GenerationRequest, Message } from './ports/engine.ts';
import { hasherOf } from './ids.ts';

const common = {
  /** SHA-256 over all that determines the answer; see {@link rolloutKeysOf}. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** The model card's id and the fingerprint of its weights. */
  model: z.string().min(1),
  modelFingerprint: z.string().min(1),
  suite: z.string(),
  suiteVersion: z.int().nonnegative(),
  promptId: z.string(),
  category: z.string(),
  group: z.string().optional(),
  prompt: z.string(),
  system: z.string(),
  temperature: z.number(),
  topP: z.number(),
  maxTokens: z.int(),
  stop: z.array(z.string()),
  /** Absent where there was none. */
  repetitionPenalty: z.number().optional(),
  sample: z.int().nonnegative(),
  seed: z.int().nonnegative(),
  /** ISO 8601, UTC, when the answer was finished. */
  createdAt: z.iso.datetime(),
};

const doneSchema = z.strictObject({
  ...common,
  status: z.literal('done'),
  text: z.string(),
  finish: z.enum(['stop', 'length']),
  promptTokens: z.int().nonnegative(),
  tokens: z.int().nonnegative(),
  durationMs: z.number().nonnegative(),
  tokenTimesMs: z.array(z.number()).optional(),
  tokenEnds: z.array(z.int().nonnegative()).optional(),
  engine: z.strictObject({
    kind: z.string(),
    device: z.string(),
    library: z.string(),
    width: z.int().positive(),
  }),
  notes: z.array(z.string()).optional(),
});

const failedSchema = z.strictObject({ ...common, status: z.literal('failed'), error: z.string() });

/** One answer, or the record that it could not be had; a failed one is asked again on resume. */
export const rolloutSchema = z.discriminatedUnion('status', [doneSchema, failedSchema]);
export type Rollout = z.infer<typeof rolloutSchema>;
export type DoneRollout = z.infer<typeof doneSchema>;

export function isDone(rollout: Rollout | undefined): rollout is DoneRollout {
  return rollout?.status === 'done';
}

/** The messages that a prompt becomes. */
export function messagesOf(system: string, prompt: string): Message[] {
  const user: Message = { role: 'user', content: prompt };
  return system === '' ? [user] : [{ role: 'system', content: system }, user];
}

/**
 * SHA-256 over the canonical JSON of everything that determines an answer. The sample index is in it,
 * so repeats are never collapsed into one, even at the same seed. Of one question, for many samples.
 */
export function rolloutKeysOf(
  modelFingerprint: string,
  { messages, sampling, adapters }: Omit<GenerationRequest, 'seed'>,
): (values: { readonly sample: number; readonly seed: number }) => string {
  return hasherOf({ v: 1, model: modelFingerprint, messages, sampling, adapters }, ['sample', 'seed']);
}
