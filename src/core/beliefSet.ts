import { z } from 'zod';
import { InputError } from './errors.ts';

const text = z.string().min(1);
const id = text.regex(/^[a-z0-9-]+$/);

/** Ways to say one side. None may begin another, or the same answer would count twice. */
const forms = z.array(text).min(1);

const sides = { claim: forms, denial: forms };

const pairSchema = z.union([
  /** Questions that "yes" answers with the claim, and with the denial; each is asked in both orders of the words. */
  z.strictObject({ id, about: z.enum(['self', 'world']), yesClaims: text, yesDenies: text }),
  /** One question, usually in both orders, whose answer has begun already. */
  z.strictObject({
    id,
    about: z.enum(['self', 'world']),
    questions: z.array(text).min(1),
    begin: text,
    ...sides,
  }),
]);

const shape = z.strictObject({
  /** Raised by every change. */
  version: z.int().min(1),
  yesNo: z.strictObject({ yes: forms, no: forms, orders: z.array(text).length(2) }),
  /** The claim: to be an AI where a pair is about the model itself, the fact where it is about the world (a control). */
  pairs: z.array(pairSchema).min(1),
  /** What is asked between the sentences of a denial: to go on with these words. */
  denial: z.strictObject({ begin: text, ...sides }),
});
export type BeliefSet = z.infer<typeof shape>;

/** A forced question: what an answer begins with, and how it could go on. */
export interface ForcedQuestion {
  readonly begin: string;
  readonly claim: readonly string[];
  readonly denial: readonly string[];
}

export interface BeliefProbe extends ForcedQuestion {
  readonly pair: string;
  readonly about: 'self' | 'world';
  readonly question: string;
  /** The side that "yes" is on; null for questions that take no yes or no. */
  readonly yes: 'claim' | 'denial' | null;
}

/** Checks a set of probes. Throws {@link InputError} naming the field. */
export function checkBeliefSet(value: unknown): BeliefSet {
  const result = shape.safeParse(value);
  if (!result.success) {
    throw new InputError(`The belief probes are not valid: ${z.prettifyError(result.error)}`);
  }
  const set = result.data;
  const pairs = set.pairs.map((pair) => pair.id);
  if (new Set(pairs).size < pairs.length) throw new InputError('The belief probes have an id that repeats.');
  for (const { claim, denial, begin } of [...beliefProbes(set), set.denial]) {
    const all = [...claim, ...denial];
    const isRepeated = all.some((form, at) => all.some((other, to) => at !== to && other.startsWith(form)));
    if (isRepeated || claim.length !== denial.length)
      throw new InputError(
        `The belief probe “${begin}” (${all.join(', ')}) needs as many words on both sides, none the beginning of another.`,
      );
  }
  return set;
}

/** Every question of a set: each pair in both polarities and both orders, so that neither weighs. */
export function beliefProbes({ pairs, yesNo }: BeliefSet): BeliefProbe[] {
  return pairs.flatMap((pair): BeliefProbe[] => {
    const common = { pair: pair.id, about: pair.about };
    if ('questions' in pair) {
      const { begin, claim, denial } = pair;
      return pair.questions.map((question) => ({ ...common, question, begin, claim, denial, yes: null }));
    }
    const { yes, no, orders } = yesNo;
    return orders.flatMap((order): BeliefProbe[] => [
      ...[
        {
          ...common,
          question: `${pair.yesClaims} ${order}`,
          begin: '',
          claim: yes,
          denial: no,
          yes: 'claim' as const,
        },
      ],
      ...[
        {
          ...common,
          question: `${pair.yesDenies} ${order}`,
          begin: '',
          claim: no,
          denial: yes,
          yes: 'denial' as const,
        },
      ],
    ]);
  });
}
