import { z } from 'zod';
import type { JudgeReply } from '../../core/ports/judge.ts';

const count = z.int().nonnegative().nullish().catch(null);

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish().catch(null),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish().catch(null) }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish().catch(null),
});

const finishNotes: Readonly<Record<string, string>> = {
  length: 'The reply was cut at the longest that was allowed.',
  content_filter: "The server's content filter cut the reply.",
};

/** A judge's reply out of a chat completion; null when the data is no such thing. */
export function readCompletion(data: unknown): JudgeReply | null {
  const completion = completionSchema.safeParse(data).data;
  const choice = completion?.choices[0];
  if (!completion || !choice) return null;
  const { message, finish_reason: finish } = choice;
  const note = finishNotes[finish ?? ''];
  return {
    raw: message.content || message.refusal || '',
    ...tokensOf(completion),
    notes: note === undefined ? [] : [note],
  };
}

function tokensOf({ usage }: z.infer<typeof completionSchema>) {
  return { inputTokens: usage?.prompt_tokens ?? null, outputTokens: usage?.completion_tokens ?? null };
}
