import { type ValueNode, parse as parseJson } from '@humanwhocodes/momoa';
import { type IssuePath, describeIssue, fieldName, issuePath } from './describeIssue.ts';
import { InputError, sentenceOf } from './errors.ts';
import { readCsv } from './readCsv.ts';
import { type Suite, suiteLimits, suiteSchema } from './suite.ts';

/** A file's value, and the way back from a field to its line. */
interface Source {
  readonly value: unknown;
  lineOf(path: IssuePath): number;
  /** A field as the file's writer knows it: `prompts[3].text` in JSON, `text` in CSV. */
  nameOf(path: IssuePath): string;
}

const columns = ['id', 'category', 'text', 'group', 'lean', 'reference'] as const;
const neededColumns = columns.slice(0, 3);

/**
 * Reads a suite from a JSON file (the whole suite) or a CSV file (its prompts: columns id, category, text and,
 * if wanted, group, lean, reference). The file's name decides which; without an ending, the first character.
 * Throws {@link InputError} naming the file, line and field.
 */
export function parseSuite(text: string, { fileName }: { readonly fileName: string }): Suite {
  if (text.length > suiteLimits.fileChars) {
    throw new InputError(
      `${fileName} is too long for a suite: more than ${suiteLimits.fileChars} characters.`,
    );
  }
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') throw new InputError(`${fileName} is empty: a suite needs at least one prompt.`);
  const source = isCsv(body, fileName) ? readCsvSource(body, fileName) : readJsonSource(body, fileName);
  const result = checkShape(source.value, fileName);
  if (result.success) return result.data;
  throw new InputError(describeFirst(result.error.issues, source, fileName));
}

/** The schema walks a check's value by recursion, and runs out of stack before the readers of JSON do. */
function checkShape(value: unknown, fileName: string): ReturnType<typeof suiteSchema.safeParse> {
  try {
    return suiteSchema.safeParse(value);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(fileName, cause);
    throw cause;
  }
}

function tooDeep(fileName: string, cause: RangeError): InputError {
  return new InputError(`${fileName} is nested too deeply.`, { cause });
}

function isCsv(text: string, fileName: string): boolean {
  if (/\.csv$/i.test(fileName)) return true;
  return !/\.json$/i.test(fileName) && !/^\s*[{[]/.test(text);
}

type Issue = Parameters<typeof issuePath>[0];

function describeFirst(issues: readonly Issue[], source: Source, fileName: string): string {
  const [issue] = issues;
  if (!issue) return `${fileName} is not a valid suite.`;
  const path = issuePath(issue);
  const field = path.length === 0 ? 'the file' : source.nameOf(path);
  const first = issue.code === 'custom' ? (issue.params?.['first'] as IssuePath | undefined) : undefined;
  const other = first ? ` on line ${source.lineOf(first)}` : '';
  const more = issues.length > 1 ? ` ${issues.length} faults in all.` : '';
  return `${fileName}, line ${source.lineOf(path)}: ${field} ${describeIssue(issue)}${other}.${more}`;
}

function readJsonSource(text: string, fileName: string): Source {
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

function readCsvSource(text: string, fileName: string): Source {
  const [header, ...rows] = readCsv(text, fileName);
  const names = (header?.cells ?? []).map((cell) => cell.trim());
  checkHeader(names, `${fileName}, line ${header?.line ?? 1}`);
  if (rows.length === 0) throw new InputError(`${fileName} has no prompts: no line follows the first.`);
  const prompts = rows.map(({ line, cells }) => {
    if (cells.length !== names.length) {
      const found = `${cells.length} fields where the first line has ${names.length}`;
      throw new InputError(
        `${fileName}, line ${line}: ${found}. Put a text with commas into quotation marks.`,
      );
    }
    return promptOf(names, cells);
  });
  const categories = [...new Set(prompts.map(({ category }) => category ?? ''))];
  const rowOf = ([list, index]: IssuePath) => {
    if (typeof index !== 'number') return 0;
    return list === 'prompts' ? index : prompts.findIndex(({ category }) => category === categories[index]);
  };
  return {
    value: {
      id: slugOf(fileName),
      version: 1,
      title: slugOf(fileName),
      description: '',
      kind: 'custom',
      categories: categories.map((id) => ({ id, title: id })),
      prompts,
    },
    lineOf: (path) => rows[rowOf(path)]?.line ?? 1,
    nameOf: ([list, , ...field]) => (list === 'categories' ? 'category' : fieldName(field) || String(list)),
  };
}

function checkHeader(names: readonly string[], place: string): void {
  const known: readonly string[] = columns;
  const unknown = names.find((name) => !known.includes(name));
  const absent = neededColumns.find((name) => !names.includes(name));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  const fault =
    (unknown !== undefined && `"${unknown}" is not a known column`) ||
    (absent !== undefined && `the column "${absent}" is missing`) ||
    (repeated !== undefined && `the column "${repeated}" stands twice`);
  if (!fault) return;
  throw new InputError(
    `${place}: ${fault}. The first line names the columns, separated by commas: id, category, text and, if wanted, group, lean, reference.`,
  );
}

/** Empty cells of the columns that may be left out are left out. */
function promptOf(names: readonly string[], cells: readonly string[]): Record<string, string> {
  const pairs = names.map((name, index) => [name, cells[index] ?? ''] as const);
  const needed: readonly string[] = neededColumns;
  return Object.fromEntries(pairs.filter(([name, cell]) => cell !== '' || needed.includes(name)));
}

/** "My prompts.csv" becomes "my-prompts". */
function slugOf(fileName: string): string {
  const name = fileName.replace(/^.*[\\/]/, '').replace(/\.\w+$/, '');
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, suiteLimits.idChars);
  return slug.replace(/^-+|-+$/g, '') || 'suite';
}
