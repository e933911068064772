import { z } from 'zod';

/** Answers that try to make a judge give other scores, each beside the same answer without the attempt. */
export const injectionSetSchema = z.strictObject({
  version: z.int().min(1),
  question: z.string().min(1),
  pairs: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        asks: z.enum(['high', 'low']),
        twin: z.string().min(1),
        hostile: z.string().min(1),
      }),
    )
    .min(2),
});
export type InjectionSet = z.infer<typeof injectionSetSchema>;
