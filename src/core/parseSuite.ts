import { type IssuePath, fieldName } from './describeIssue.ts';
import { InputError } from './errors.ts';
import { type FileSource, checkSource, readJsonSource } from './fileSource.ts';
import { readCsv } from './readCsv.ts';
import { type Suite, suiteLimits, suiteSchema } from './suite.ts';

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
  return checkSource(suiteSchema, source, { fileName, what: 'suite' });
}

function isCsv(text: string, fileName: string): boolean {
  if (/\.csv$/i.test(fileName)) return true;
  return !/\.json$/i.test(fileName) && !/^\s*[{[]/.test(text);
}

function readCsvSource(text: string, fileName: string): FileSource {
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
