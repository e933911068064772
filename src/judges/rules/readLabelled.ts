import { z } from 'zod';
import labelled from './labelled.json' with { type: 'json' };
import { isRefusal } from './refusalRules.ts';
import { type Stance, findStance } from './stanceRules.ts';

const stance = z.enum(['claims-ai', 'denies-ai', 'neither']) satisfies z.ZodType<Stance>;

const source = z.enum(['smollm2-135m', 'written']);

/**
 * An answer that was read and labelled, not by a program. `dev`: the rules were made on it. `test`: kept apart, but
 * its labels were revised by the reader who then extended the rules. `fresh`: drawn and labelled once the rules had
 * their present form, before their output was seen.
 */
const labelledSchema = z.array(
  z.strictObject({
    suite: z.string(),
    /** Of today's suite. */
    promptId: z.string(),
    /** What was asked: an earlier wording where the suite's prompt was reworded since. */
    prompt: z.string(),
    /** The default system prompt where absent. */
    system: z.string().optional(),
    answer: z.string(),
    source,
    temperature: z.number().optional(),
    label: z.strictObject({ stance, refusal: z.boolean().optional() }),
    split: z.enum(['dev', 'test', 'fresh']),
  }),
);
type Labelled = z.infer<typeof labelledSchema>[number];

export const labelledAnswers: readonly Labelled[] = labelledSchema.parse(labelled);

/** The parts that are measured apart. */
const parts = {
  written: ({ source }: Labelled) => source === 'written',
  answered: ({ source, split }: Labelled) => source !== 'written' && split === 'dev',
  apart: ({ split }: Labelled) => split === 'test',
  unseen: ({ split, suite }: Labelled) => split === 'fresh' && suite === 'identity',
  unseenPolitics: ({ split, suite }: Labelled) => split === 'fresh' && suite === 'politics',
} as const;
export type LabelledPart = keyof typeof parts;

/** The reader's label and the rules', for each answer of a part. */
export function pairLabels(part: LabelledPart, signal: 'stance' | 'refusal'): [string, string][] {
  const answers = labelledAnswers.filter(parts[part]);
  if (signal === 'stance')
    return answers.map((each) => [each.label.stance, findStance(each.prompt, each.answer)]);
  return answers.flatMap(({ label, answer }): [string, string][] =>
    label.refusal === undefined ? [] : [[nameOf(label.refusal), nameOf(isRefusal(answer))]],
  );
}

const nameOf = (refusal: boolean): string => (refusal ? 'refuses' : 'answers');
