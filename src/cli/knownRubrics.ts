import { basename } from 'node:path';
import { findKnownRubric, parseRubric } from '../core/parseRubric.ts';
import type { Rubric } from '../core/rubric.ts';
import { rubrics } from '../suites/index.ts';
import { readInput } from './catalogue.ts';

export interface KnownRubrics {
  /** Those of the files, in their order. */
  readonly own: readonly Rubric[];
  /** With the built-in ones. */
  readonly all: readonly Rubric[];
}

/** The built-in rubrics and those of JSON files. Throws {@link InputError} for a bad file, and where one of a name and version differs. */
export async function knownRubrics(files: readonly string[] = []): Promise<KnownRubrics> {
  const own = await Promise.all(files.map(readRubric));
  const all = [...rubrics];
  for (const rubric of own) {
    if (!findKnownRubric(all, rubric)) all.push(rubric);
  }
  return { own, all };
}

async function readRubric(path: string): Promise<Rubric> {
  return parseRubric(await readInput(path), { fileName: basename(path) });
}
