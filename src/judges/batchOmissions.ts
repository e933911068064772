import type { OpenAiJudgeSpec } from './openai/judgeBody.ts';

interface OmissionFacts {
  /** Stands in the ids of the calls, so that a result tells by itself what its calls went without. */
  readonly mark: string;
  readonly note: (judge: OpenAiJudgeSpec) => string;
}

const facts = {
  temperature: {
    mark: 't',
    note: ({ temperature }) =>
      `The parameter temperature (${temperature}) was left out of the batch file: the server's own default was used.`,
  },
  response_format: {
    mark: 'f',
    note: () =>
      'The parameter response_format was left out of the batch file, so only the instructions ask for JSON.',
  },
} as const satisfies Record<string, OmissionFacts>;

/** What a batch file can go without for a model that refuses it, since a batch cannot ask again. */
export type BatchOmission = keyof typeof facts;
export const batchOmissions = Object.keys(facts) as readonly BatchOmission[];

/** A mark takes the place of the key's end: 64 characters are the most that an id may have everywhere. */
const stemChars = 60;

/** The part of a verdict's key that is in its call's id, whatever was left out: 240 bits, which no two share. */
export function batchStem(key: string): string {
  return key.slice(0, stemChars);
}

/** The verdict's key; where something is left out, its beginning with the marks. */
export function batchId(key: string, leaveOut: readonly BatchOmission[]): string {
  const marks = batchOmissions.filter((name) => leaveOut.includes(name)).map((name) => facts[name].mark);
  return marks.length === 0 ? key : `${batchStem(key)}-${marks.join('')}`;
}

/** What the call of this id went without, in sentences for the verdict's settings. */
export function omissionNotes(id: string, judge: OpenAiJudgeSpec): string[] {
  const [, marks = ''] = id.slice(stemChars).split('-');
  return batchOmissions
    .filter((name) => marks.includes(facts[name].mark))
    .map((name) => facts[name].note(judge));
}
