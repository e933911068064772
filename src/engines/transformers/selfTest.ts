import { z } from 'zod';
import { DecodeBatch, type BatchRow } from './decodeBatch.ts';
import type { ForwardModel } from './forwardModel.ts';
import { PromptReader } from './promptReader.ts';

/** selftest.json: logits after each row's last token, from a float64 reference. */
export const selfTestSchema = z.object({
  rows: z
    .array(
      z.object({
        tokens: z.array(z.int().nonnegative()).min(2),
        logits: z.array(z.object({ token: z.int().nonnegative(), value: z.number() })).min(1),
      }),
    )
    .min(1),
});

export type SelfTest = z.infer<typeof selfTestSchema>;

/**
 * The greatest difference between the stored logits and this device's, Infinity when one is not a number.
 * The rows take the way of every answer: read in chunks, joined on the left, one step together.
 */
export async function runSelfTest(
  model: ForwardModel,
  { rows }: SelfTest,
  options: { readonly chunk: number; readonly contextTokens: number },
): Promise<number> {
  const reader = new PromptReader(model, { chunk: options.chunk });
  const batch = new DecodeBatch<BatchRow & { readonly logits: SelfTest['rows'][number]['logits'] }>(
    model,
    options.contextTokens,
  );
  const scales = new Array<number>(model.adapters).fill(0);
  for (const { tokens, logits } of rows) {
    const read = await reader.read(tokens.slice(0, -1), scales);
    if (read)
      batch.join(
        { length: tokens.length - 1, token: tokens.at(-1) as number, scales, logits },
        read.keyValues,
      );
  }
  const differences = (await batch.step()).flatMap(([row, found]) =>
    row.logits.map(({ token, value }) => Math.abs((found[token] ?? NaN) - value)),
  );
  batch.clear();
  return Math.max(...differences.map((difference) => (Number.isNaN(difference) ? Infinity : difference)));
}
