import { basename } from 'node:path';
import { InputError, sentenceOf } from '../core/errors.ts';
import { hashOf } from '../core/ids.ts';
import { type Rubric, checkRubric } from '../core/rubric.ts';
import { rubrics } from '../suites/index.ts';
import { readInput } from './catalogue.ts';

export interface KnownRubrics {
  /** Those of the files, in their order. */
  readonly own: readonly Rubric[];
  /** With the built-in ones. */
  readonly all: readonly Rubric[];
}

/** The built-in rubrics and those of JSON files. Throws {@link InputError} where one of a name and version differs. */
export async function knownRubrics(files: readonly string[] = []): Promise<KnownRubrics> {
  const own = await Promise.all(files.map(readRubric));
  const all = [...rubrics];
  for (const rubric of own) {
    const same = all.find(({ id, version }) => id === rubric.id && version === rubric.version);
    if (same && hashOf(same) !== hashOf(rubric)) {
      throw new InputError(
        `There is another rubric "${rubric.id}" of version ${rubric.version}. Raise the version in the file, so that its verdicts are told apart.`,
      );
    }
    if (!same) all.push(rubric);
  }
  return { own, all };
}

async function readRubric(path: string): Promise<Rubric> {
  const text = await readInput(path);
  try {
    return checkRubric(JSON.parse(text));
  } catch (cause) {
    throw new InputError(`${basename(path)}: ${sentenceOf(cause)}`, { cause });
  }
}
