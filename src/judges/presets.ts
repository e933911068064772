import { z } from 'zod';
import presets from './presets.json' with { type: 'json' };

const presetSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  baseUrl: z.url({ protocol: /^https?$/ }),
  model: z.string().min(1),
  /** Where to get a key; null where none is needed. */
  keyUrl: z.url().nullable(),
  /** What to know before the first call: the key, and whether a page may call it (CORS). */
  note: z.string(),
});
export type JudgePreset = z.infer<typeof presetSchema>;

/** Known judges, in the order in which they are offered. Prices are left to the user: they change. */
export const judgePresets: readonly JudgePreset[] = z.array(presetSchema).parse(presets);
