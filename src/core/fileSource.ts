import { type ValueNode, parse as parseJson } from '@humanwhocodes/momoa';
import type { z } from 'zod';
import { type IssuePath, describeIssue, fieldName, issuePath } from './describeIssue.ts';
import { InputError, sentenceOf } from './errors.ts';

/** A file's value, and the way back from a field to its line. */
export interface FileSource {
  readonly value: unknown;
  lineOf(path: IssuePath): number;
  /** A field as the file's writer knows it: `prompts[3].text` in JSON, `text` in CSV. */
  nameOf(path: IssuePath): string;
}

/** Checks what a file holds. Throws {@link InputError} naming the file, line and field. */
export function checkSource<Schema extends z.ZodType>(
  schema: Schema,
  source: FileSource,
  about: { readonly fileName: string; readonly what: string },
): z.output<Schema> {
  const result = checkShape(schema, source.value, about.fileName);
  if (result.success) return result.data;
  throw new InputError(describeFirst(result.error.issues, source, about));
}

/** The schema walks a value by recursion, and may run out of stack before the readers of JSON do. */
function checkShape<Schema extends z.ZodType>(schema: Schema, value: unknown, fileName: string) {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(fileName, cause);
    throw cause;
  }
}

function tooDeep(fileName: string, cause: RangeError): InputError {
  return new InputError(`${fileName} is nested too deeply.`, { cause });
}

function describeFirst(
  issues: readonly z.core.$ZodIssue[],
  source: FileSource,
  { fileName, what }: { readonly fileName: string; readonly what: string },
): string {
  const [issue] = issues;
  if (!issue) return `${fileName} is not a valid ${what}.`;
  const path = issuePath(issue);
  const field = path.length === 0 ? 'the file' : source.nameOf(path);
  const first = issue.code === 'custom' ? (issue.params?.['first'] as IssuePath | undefined) : undefined;
  const other = first ? ` on line ${source.lineOf(first)}` : '';
  const more = issues.length > 1 ? ` ${issues.length} faults in all.` : '';
  return `${fileName}, line ${source.lineOf(path)}: ${field} ${describeIssue(issue)}${other}.${more}`;
}

/** Errors: {@link InputError} naming the line. */
export function readJsonSource(text: string, fileName: string): FileSource {
  try {
    // Momoa knows lines but lets raw control characters pass; JSON.parse is the judge of the value.
    const root = parseJson(text, { mode: 'json' }).body;
    return { value: JSON.parse(text), lineOf: (path) => findLine(root, path), nameOf: fieldName };
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(fileName, cause);
    const what = sentenceOf(cause)
      .replace(/\s*\(\d+:\d+\)$/, '')
      .replace(/\.$/, '');
    throw new InputError(`${fileName}${placeOf(cause, text)}: this is not valid JSON. ${what}.`, { cause });
  }
}

/** Momoa's errors have a line; those of JSON.parse have a position or a line in words, by browser, or neither. */
function placeOf(error: unknown, text: string): string {
  if (error instanceof Error && 'line' in error && typeof error.line === 'number')
    return `, line ${error.line}`;
  const [, unit, count] = /(position|line) (\d+)/.exec(sentenceOf(error)) ?? [];
  if (unit === undefined) return '';
  return `, line ${unit === 'line' ? count : text.slice(0, Number(count)).split('\n').length}`;
}

function findLine(node: ValueNode, path: IssuePath): number {
  const [part, ...rest] = path;
  const child = part === undefined ? undefined : childOf(node, part);
  return child ? findLine(child, rest) : node.loc.start.line;
}

function childOf(node: ValueNode, part: PropertyKey): ValueNode | undefined {
  if (node.type === 'Array' && typeof part === 'number') return node.elements[part]?.value;
  if (node.type !== 'Object') return undefined;
  // The last member of a name is the one that JSON.parse keeps.
  return node.members.findLast(({ name }) => name.type === 'String' && name.value === part)?.value;
}
