import { z } from 'zod';
import labelled from './labelled.json' with { type: 'json' };
import { isRefusal } from './refusalRules.ts';
import { type Stance, findStance } from './stanceRules.ts';

const stance = z.enum(['claims-ai', 'denies-ai', 'neither']) satisfies z.ZodType<Stance>;

/** `written`: in many voices, and the rules were made on them. `smollm2-135m`: real answers, kept from the rules. */
const source = z.enum(['smollm2-135m', 'written']);
type Source = z.infer<typeof source>;

/** An answer that was read and labelled, not by a program. */
const labelledSchema = z.array(
  z.strictObject({
    suite: z.string(),
    promptId: z.string(),
    prompt: z.string(),
    answer: z.string(),
    source,
    temperature: z.number().optional(),
    label: z.strictObject({ stance, refusal: z.boolean().optional() }),
  }),
);

export const labelledAnswers = labelledSchema.parse(labelled);

/** The reader's label and the rules', for each answer of a source. */
export function pairLabels(from: Source, signal: 'stance' | 'refusal'): [string, string][] {
  const answers = labelledAnswers.filter((answer) => answer.source === from);
  if (signal === 'stance')
    return answers.map((each) => [each.label.stance, findStance(each.prompt, each.answer)]);
  return answers.flatMap(({ label, answer }): [string, string][] =>
    label.refusal === undefined ? [] : [[nameOf(label.refusal), nameOf(isRefusal(answer))]],
  );
}

const nameOf = (refusal: boolean): string => (refusal ? 'refuses' : 'answers');
