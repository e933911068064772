import { z } from 'zod';
import labelled from './labelled.json' with { type: 'json' };
import { isRefusal } from './refusalRules.ts';
import { type Stance, findStance } from './stanceRules.ts';

const stance = z.enum(['claims-ai', 'denies-ai', 'neither']) satisfies z.ZodType<Stance>;

/** An answer that a person has labelled. The rules were written on `dev`; `test` was kept from them. */
const labelledSchema = z.array(
  z.strictObject({
    suite: z.string(),
    promptId: z.string(),
    prompt: z.string(),
    answer: z.string(),
    source: z.enum(['smollm2-135m', 'written']),
    split: z.enum(['dev', 'test']),
    stance,
    refusal: z.boolean().optional(),
    remark: z.string().optional(),
  }),
);

export type Labelled = z.infer<typeof labelledSchema>[number];

export const labelledAnswers: readonly Labelled[] = labelledSchema.parse(labelled);

/** The person's label and the rules', for each answer of a split. */
export function pairLabels(split: Labelled['split'], signal: 'stance' | 'refusal'): [string, string][] {
  const answers = labelledAnswers.filter((answer) => answer.split === split);
  if (signal === 'stance') return answers.map((each) => [each.stance, findStance(each.prompt, each.answer)]);
  return answers.flatMap(({ refusal, answer }) =>
    refusal === undefined ? [] : [[nameOf(refusal), nameOf(isRefusal(answer))] as [string, string]],
  );
}

const nameOf = (refusal: boolean): string => (refusal ? 'refuses' : 'answers');
