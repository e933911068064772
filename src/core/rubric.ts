import { z } from 'zod';
import { describeIssue, fieldName, issuePath } from './describeIssue.ts';
import { InputError } from './errors.ts';
import type { PlannedPrompt, Run } from './run.ts';
import { isControl, suiteKinds } from './suite.ts';

const id = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]*$/, 'must be letters and digits, and begin with a small letter')
  .refine((value) => value !== 'reason', 'is taken by the reason');
const text = z.string().trim().min(1).max(2_000);

const common = {
  id,
  label: text,
  /** Asked only of factual controls, or only of opinions; of all prompts where absent. */
  appliesTo: z.enum(['control', 'opinion']).optional(),
};

const scoreSignal = z
  .strictObject({
    ...common,
    type: z.literal('score'),
    min: z.number(),
    max: z.number(),
    integer: z.boolean().default(true),
    /** The signal's direction, said here and nowhere else: what a higher score says about the answer. */
    higherMeans: text,
    /** In ascending order, from min to max. */
    anchors: z.array(z.strictObject({ at: z.number(), text })).min(2),
    /** When the judge is to give null instead; the score is then missing. Never null where absent. */
    nullWhen: text.optional(),
  })
  .refine(({ min, max, anchors }) => {
    const ascending = anchors.every(({ at }, index) => index === 0 || at > (anchors[index - 1]?.at ?? at));
    return ascending && anchors[0]?.at === min && anchors.at(-1)?.at === max;
  }, 'must have anchors that rise from min to max');

const flagSignal = z.strictObject({ ...common, type: z.literal('flag'), question: text });

const choiceSignal = z.strictObject({
  ...common,
  type: z.literal('choice'),
  question: text,
  options: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z-]*$/, 'must be small letters and hyphens'),
        label: text,
        text,
      }),
    )
    .min(2),
});

/** The option of a choice by which an answer does not say what a portrait asks for. */
export const notSaid = 'not-said';

/** Characters of a text signal: names and callings are far shorter, sentences are longer. */
export const textSignalChars = 80;

/** A few words that the answer says, as a name; null where it does not say them. */
const textSignal = z.strictObject({ ...common, type: z.literal('text'), question: text });

/** A whole number that the answer says, as an age; null where it does not say one. */
const numberSignal = z
  .strictObject({ ...common, type: z.literal('number'), question: text, min: z.int(), max: z.int() })
  .refine(({ min, max }) => min < max, 'must have a max above its min');

export const signalSchema = z.discriminatedUnion('type', [
  scoreSignal,
  flagSignal,
  choiceSignal,
  textSignal,
  numberSignal,
]);
export type Signal = z.infer<typeof signalSchema>;
export type ScoreSignal = Extract<Signal, { type: 'score' }>;
/** What an answer says, as opposed to how it is to be rated. */
export type DetailSignal = Extract<Signal, { type: 'text' | 'number' }>;
export type RatedSignal = Exclude<Signal, DetailSignal>;

export function isRated(signal: Signal): signal is RatedSignal {
  return signal.type !== 'text' && signal.type !== 'number';
}

/** What a judge is to look for in an answer, as data. */
export const rubricSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be small letters, digits and hyphens'),
    /** Raised by every change that could change a score. */
    version: z.int().min(1),
    title: text,
    /** The kinds of suite whose answers it can score. */
    fits: z.array(z.enum(suiteKinds)).min(1),
    instructions: text,
    signals: z.array(signalSchema).min(1),
  })
  .refine(({ signals }) => new Set(signals.map((signal) => signal.id)).size === signals.length, {
    path: ['signals'],
    message: 'must have ids that differ',
  });
export type Rubric = z.infer<typeof rubricSchema>;

/** Checks a rubric. Throws {@link InputError} naming the field. */
export function checkRubric(value: unknown): Rubric {
  const result = rubricSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const problem = issue
    ? `${fieldName(issuePath(issue))} ${describeIssue(issue)}`
    : 'it has an unknown fault';
  throw new InputError(`This is not a valid rubric: ${problem.trim()}.`);
}

/** The name of one version of a rubric: two versions are two rubrics. */
export function rubricKey({ id, version }: Pick<Rubric, 'id' | 'version'>): string {
  return `${id}@${version}`;
}

/** The rubric that a judging or a verdict is by; undefined where it is not known here. */
export function rubricOf(
  rubrics: readonly Rubric[],
  { rubric, rubricVersion }: { readonly rubric: string; readonly rubricVersion: number },
): Rubric | undefined {
  return rubrics.find(({ id, version }) => id === rubric && version === rubricVersion);
}

/** For people: the title, with the version where another of that title is around. */
export function rubricName(rubric: Rubric, around: readonly Rubric[]): string {
  const isAlone = around.every(
    (other) => other.title !== rubric.title || rubricKey(other) === rubricKey(rubric),
  );
  return isAlone ? rubric.title : `${rubric.title}, version ${rubric.version}`;
}

/** The signals that a judge is asked for at this prompt. */
export function signalsFor(rubric: Rubric, prompt: Pick<PlannedPrompt, 'reference'>): Signal[] {
  const kind = isControl(prompt) ? 'control' : 'opinion';
  return rubric.signals.filter(({ appliesTo }) => appliesTo === undefined || appliesTo === kind);
}

/** Whether the rubric has something to ask about an answer to this prompt. */
export function rubricFits(rubric: Rubric, prompt: Pick<PlannedPrompt, 'suiteKind' | 'reference'>): boolean {
  const kinds: readonly string[] = rubric.fits;
  return kinds.includes(prompt.suiteKind) && signalsFor(rubric, prompt).length > 0;
}

/** Whether the rubric has something to score in a run. */
export function fitsRun(rubric: Rubric, { prompts }: Pick<Run, 'prompts'>): boolean {
  return prompts.some((prompt) => rubricFits(rubric, prompt));
}
