import { z } from 'zod';
import { beliefSchema } from '../core/belief.ts';
import { chatSchema } from '../core/chat.ts';
import { describeIssue, fieldName, issuePath } from '../core/describeIssue.ts';
import { InputError } from '../core/errors.ts';
import { migrate } from '../core/migrate.ts';
import { modelCardSchema } from '../core/model.ts';
import type { Collection, Collections } from '../core/ports/store.ts';
import { rolloutSchema } from '../core/rollout.ts';
import { rubricKey, rubricSchema } from '../core/rubric.ts';
import { runSchema } from '../core/run.ts';
import { suiteSchema } from '../core/suite.ts';
import { talkSchema } from '../core/talk.ts';
import { verdictSchema } from '../core/verdict.ts';

export type StoredRecord = Collections[Collection];

/** A setting's value has no key of its own. */
const settingSchema = z.strictObject({ key: z.string(), value: z.json() });

const byKey = ({ key }: { readonly key: string }): string => key;
const byId = ({ id }: { readonly id: string }): string => id;

/** How a collection's line becomes a key and a record. */
const readers: {
  readonly [C in Collection]: (line: unknown) => readonly [string, Collections[C]];
} = {
  runs: readerOf(runSchema, byId),
  rollouts: readerOf(rolloutSchema, byKey),
  verdicts: readerOf(verdictSchema, byKey),
  beliefs: readerOf(beliefSchema, byKey),
  suites: readerOf(suiteSchema, byId),
  rubrics: readerOf(rubricSchema, rubricKey),
  models: readerOf(modelCardSchema, byId),
  chats: readerOf(chatSchema, byId),
  talks: readerOf(talkSchema, byId),
  settings: (line) => {
    const { key, value } = settingSchema.parse(line);
    return [key, value];
  },
};

/** Reads one record's JSON text. Throws {@link InputError} beginning with `place`. */
export function readRecord(
  collection: Collection,
  text: string,
  place: string,
): readonly [string, StoredRecord] {
  try {
    return readers[collection](migrate(collection, JSON.parse(text)));
  } catch (cause) {
    throw new InputError(`${place} ${faultOf(cause)}.`, { cause });
  }
}

/** A record as one line, without its end. */
export function writeRecord(collection: Collection, key: string, record: unknown): string {
  return JSON.stringify(collection === 'settings' ? { key, value: record } : record);
}

function readerOf<T>(schema: z.ZodType<T>, keyOf: (record: T) => string) {
  return (line: unknown): readonly [string, T] => {
    const record = schema.parse(line);
    return [keyOf(record), record];
  };
}

function faultOf(cause: unknown): string {
  if (cause instanceof SyntaxError) return 'is not valid JSON';
  if (cause instanceof InputError) return `cannot be read: ${cause.message.replace(/\.$/, '')}`;
  if (!(cause instanceof z.ZodError)) throw cause;
  const [issue] = cause.issues;
  if (!issue) return 'is not a valid record';
  const path = issuePath(issue);
  return path.length === 0
    ? 'is not a record'
    : `has a wrong field: ${fieldName(path)} ${describeIssue(issue)}`;
}
