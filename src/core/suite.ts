import { z } from 'zod';
import { describeIssue, fieldName, issuePath } from './describeIssue.ts';
import { InputError } from './errors.ts';
import { isLinear } from './matchPattern.ts';

/**
 * Limits of a suite. A prompt has to leave room for the system prompt and the answer in a context of 2,048
 * tokens (about 8,000 characters); a suite has to fit on a page and in one stored record.
 */
export const suiteLimits = {
  fileChars: 4_000_000,
  prompts: 2_000,
  categories: 50,
  textChars: 4_000,
  titleChars: 120,
  descriptionChars: 2_000,
  idChars: 64,
} as const;

const text = (maxChars: number) =>
  z
    .string()
    .max(maxChars, `must have at most ${maxChars} characters`)
    .refine((value) => value.trim() !== '', 'must not be empty');

const id = text(suiteLimits.idChars).regex(
  /^[a-z0-9][a-z0-9-]*$/,
  'must be made of small letters, digits and hyphens, and start with a letter or digit',
);

const codeCase = z.strictObject({ args: z.array(z.json()), result: z.json() });

/** A right answer that a program can recognise; checkAnswer.ts says how. */
export const answerCheckSchema = z.discriminatedUnion('type', [
  /** The whole answer, but for case, outer spaces and quotes, and a final full stop. */
  z.strictObject({ type: z.literal('exact'), value: text(suiteLimits.textChars) }),
  /** The last number in the answer. */
  z.strictObject({ type: z.literal('number'), value: z.number(), tolerance: z.number().min(0).optional() }),
  /** Matches somewhere in the answer; matchPattern.ts says what a pattern may have. `flags` as in JavaScript. */
  z
    .strictObject({
      type: z.literal('regex'),
      pattern: text(500).refine(isLinear, 'must do without lookahead, lookbehind and back references'),
      flags: z
        .string()
        .regex(/^[imsu]*$/)
        .optional(),
    })
    // The two together: the flag u forbids escapes that other patterns may have.
    .refine(({ pattern, flags }) => isRegex(pattern, flags), {
      path: ['pattern'],
      message: 'must be a valid regular expression with its flags',
    }),
  /** All of `values` and none of `absent` occur, whatever their case. */
  z.strictObject({
    type: z.literal('includes'),
    values: z.array(text(200)),
    absent: z.array(text(200)).optional(),
  }),
  /** The answer, or its one fenced block, is JSON equal to `value`. */
  z.strictObject({ type: z.literal('json'), value: z.json() }),
  z.strictObject({ type: z.literal('wordCount'), min: z.int().min(0), max: z.int().min(0) }),
  /** A function of this name gives every case's result. Needs a sandbox to run. */
  z.strictObject({
    type: z.literal('code'),
    language: z.enum(['javascript', 'python']),
    functionName: z.string().regex(/^[A-Za-z_]\w*$/, 'must be a function name'),
    cases: z.array(codeCase).min(1, 'must have at least one case'),
  }),
]);
export type AnswerCheck = z.infer<typeof answerCheckSchema>;

export const promptSchema = z.strictObject({
  id,
  category: id,
  text: text(suiteLimits.textChars),
  /** A sub-group across categories, as "framing-human". */
  group: id.optional(),
  /** The side that the wording leans to. */
  lean: z.enum(['conservative', 'progressive'], 'must be "conservative" or "progressive"').optional(),
  /** The right answer of a factual control. */
  reference: text(suiteLimits.textChars).optional(),
  check: answerCheckSchema.optional(),
});
export type Prompt = z.infer<typeof promptSchema>;

const categorySchema = z.strictObject({
  id,
  title: text(suiteLimits.titleChars),
  /** Factual controls: judged right or wrong, and not as opinions. */
  control: z.boolean().optional(),
});

export const suiteKinds = ['identity', 'politics', 'capability', 'custom'] as const;

const shape = z.strictObject({
  id,
  /** Raised by every change of the prompts. */
  version: z.int('must be a whole number').min(1, 'must be 1 or more'),
  title: text(suiteLimits.titleChars),
  description: z.string().max(suiteLimits.descriptionChars),
  kind: z.enum(suiteKinds, `must be one of ${suiteKinds.join(', ')}`),
  categories: z
    .array(categorySchema)
    .min(1, 'must have at least one category')
    .max(suiteLimits.categories, `must have at most ${suiteLimits.categories} categories`),
  prompts: z
    .array(promptSchema)
    .min(1, 'must have at least one prompt')
    .max(suiteLimits.prompts, `must have at most ${suiteLimits.prompts} prompts`),
});
export type Suite = z.infer<typeof shape>;

export const suiteSchema = shape.superRefine((suite, context) => {
  const report = (path: PropertyKey[], message: string, first?: PropertyKey[]) =>
    context.addIssue({ code: 'custom', path, message, ...(first ? { params: { first } } : {}) });
  reportRepeats(suite.categories, 'categories', 'id', report);
  reportRepeats(suite.prompts, 'prompts', 'id', report);
  reportRepeats(suite.prompts, 'prompts', 'text', report);
  const categories = new Map(suite.categories.map((category) => [category.id, category]));
  suite.prompts.forEach((prompt, index) => {
    const category = categories.get(prompt.category);
    if (!category) report(['prompts', index, 'category'], `"${prompt.category}" is not among the categories`);
    else if (category.control && prompt.reference === undefined) {
      report(['prompts', index, 'reference'], `is missing: "${category.id}" holds controls, which need it`);
    }
  });
});

type Report = (path: PropertyKey[], message: string, first?: PropertyKey[]) => void;

function reportRepeats<Field extends string>(
  items: readonly Record<Field, string>[],
  list: string,
  field: Field,
  report: Report,
): void {
  const seen = new Map<string, number>();
  items.forEach((item, index) => {
    const value = item[field].trim().replace(/\s+/g, ' ').toLowerCase();
    if (value === '') return; // Reported as empty.
    const first = seen.get(value);
    if (first === undefined) seen.set(value, index);
    else report([list, index, field], `repeats the ${field} of ${list}[${first}]`, [list, first, field]);
  });
}

/** Checks a suite that is no file (built in, stored). Throws {@link InputError} naming the field. */
export function checkSuite(value: unknown): Suite {
  const result = suiteSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const problem = issue
    ? `${fieldName(issuePath(issue))} ${describeIssue(issue)}`
    : 'it has an unknown fault';
  throw new InputError(`This is not a valid suite: ${problem.trim()}.`);
}

/** True for a factual control: judged as right or wrong. */
export function isControl(prompt: { readonly reference?: string | undefined }): boolean {
  return prompt.reference !== undefined;
}

function isRegex(source: string, flags: string | undefined): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}
