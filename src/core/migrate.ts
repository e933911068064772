import { InputError } from './errors.ts';
import type { Collection, Collections } from './ports/store.ts';

/** Lifts a record by one version. Pure; the version's number is written by {@link lift}. */
export type Migration = (record: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/**
 * The migrations of each collection: the first lifts a record of format 1 to format 2, and so on. A record that
 * has no `format` is of format 1. Settings are free values and have none. To change a stored form, append here and raise the schema's `format`.
 */
const migrations: { readonly [C in Collection]?: readonly Migration[] } = {
  runs: [],
  rollouts: [],
  verdicts: [],
  beliefs: [],
  suites: [],
  rubrics: [],
  models: [],
  chats: [],
  talks: [],
};

/** A stored record in the newest form, not yet checked by its schema. Throws {@link InputError} when it is newer. */
export function migrate<C extends Collection>(collection: C, record: unknown): Collections[C] {
  const steps = migrations[collection];
  return (steps ? lift(record, steps, collection) : record) as Collections[C];
}

/** The mechanism of {@link migrate}. */
export function lift(record: unknown, steps: readonly Migration[], collection: string): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  let lifted = record as Record<string, unknown>;
  const format = lifted['format'] ?? 1;
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) return record;
  if (format > steps.length + 1) {
    throw new InputError(
      `A record in ${collection} has format ${format}; this version knows formats up to ${steps.length + 1}. ` +
        'It was written by a newer version: update this one.',
    );
  }
  steps.slice(format - 1).forEach((step, index) => {
    lifted = { ...step(lifted), format: format + index + 1 };
  });
  return lifted;
}
