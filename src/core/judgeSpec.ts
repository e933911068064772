import { z } from 'zod';

/** Who scores and how: all of it is part of a verdict's key. The API key is not, and is never stored here. */
export const judgeSpecSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('openai'),
    /** Up to and without `/chat/completions`. */
    baseUrl: z.url({ protocol: /^https?$/ }),
    model: z.string().min(1),
    temperature: z.number().min(0),
    maxTokens: z.int().positive(),
  }),
  z.strictObject({ kind: z.literal('rules'), version: z.int().positive() }),
  /** A person who read the answers without seeing another's scores. */
  z.strictObject({ kind: z.literal('human'), name: z.string().trim().min(1).max(60) }),
]);
export type JudgeSpec = z.infer<typeof judgeSpecSchema>;

/** A judge's name for people. */
export function judgeLabel(spec: JudgeSpec): string {
  if (spec.kind === 'human') return `${spec.name} (person)`;
  return spec.kind === 'rules' ? 'rough, rules' : spec.model;
}
