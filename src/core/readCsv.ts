import { InputError } from './errors.ts';

export interface CsvRow {
  /** 1 for the first line of the file; the line on which the row starts. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell is quoted (quotes inside doubled) or plain, and ends at a comma, a line end or the end of the text. */
const cellPattern = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;

/**
 * Reads CSV as RFC 4180 has it and, unlike most readers, refuses what is not: half-open quotes and quotes in
 * mid-cell. Empty lines are left out. Throws {@link InputError} naming the line.
 * Written here because csv-parse brings 120 KB of Buffer polyfill to a browser and Node's types to core.
 */
export function readCsv(text: string, fileName: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let [position, line, cells, start] = [0, 1, [] as string[], 1];
  while (position < text.length || cells.length > 0) {
    cellPattern.lastIndex = position;
    const match = cellPattern.exec(text);
    if (!match) throw new InputError(`${fileName}, line ${line}: a quotation mark stands alone. ${advice}`);
    const [whole, quoted, plain, end] = match;
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    position += whole.length;
    line += lineEnds(whole);
    if (end !== ',') {
      if (cells.length > 1 || cells[0] !== '' || quoted !== undefined) rows.push({ line: start, cells });
      [cells, start] = [[], line];
    }
  }
  return rows;
}

const advice = 'Put quotation marks around the whole field, and double each one inside it.';

function lineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
