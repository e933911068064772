import { InputError } from './errors.ts';
import { checkSource, readJsonSource } from './fileSource.ts';
import { hashOf } from './ids.ts';
import { type Rubric, rubricKey, rubricSchema } from './rubric.ts';

/** Longer than a hundred signals with all that they may say. */
const fileChars = 1_000_000;

/** Reads a rubric from a JSON file. Throws {@link InputError} naming the file, line and field. */
export function parseRubric(text: string, { fileName }: { readonly fileName: string }): Rubric {
  if (text.length > fileChars) {
    throw new InputError(`${fileName} is too long for a rubric: more than ${fileChars} characters.`);
  }
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') throw new InputError(`${fileName} is empty: a rubric needs at least one signal.`);
  return checkSource(rubricSchema, readJsonSource(body, fileName), { fileName, what: 'rubric' });
}

/** The known one of the same id and version. Throws {@link InputError} where it differs: verdicts could not be told apart. */
export function findKnownRubric(known: readonly Rubric[], rubric: Rubric): Rubric | undefined {
  const same = known.find((each) => rubricKey(each) === rubricKey(rubric));
  if (same && hashOf(same) !== hashOf(rubric)) {
    throw new InputError(
      `There is another rubric "${rubric.id}" of version ${rubric.version}. Raise the version in the file, so that its verdicts are told apart.`,
    );
  }
  return same;
}
