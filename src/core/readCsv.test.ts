import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { readCsv } from './readCsv.ts';

const cellsOf = (text: string) => readCsv(text, 'x.csv').map(({ cells }) => cells);

describe('readCsv', () => {
  it('reads plain and quoted cells, whatever ends the lines', () => {
    expect(cellsOf('a,b\r\n"c, d","e ""f"""\n\ng,\rh,i')).toEqual([
      ['a', 'b'],
      ['c, d', 'e "f"'],
      ['g', ''],
      ['h', 'i'],
    ]);
  });

  it('gives the line on which a row starts, past line ends inside quotes and empty lines', () => {
    const rows = readCsv('a\n"b\nb"\n\nc', 'x.csv');
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it('keeps a last empty cell and a quoted empty one', () => {
    expect(cellsOf('a,')).toEqual([['a', '']]);
    expect(cellsOf('""\n')).toEqual([['']]);
  });

  it.each(['"open', 'a"b', 'x,"y"z', 'ok\nok\n"a" ,b'])(
    'refuses a quotation mark that stands alone: %j',
    (text) => {
      expect(() => readCsv(text, 'x.csv')).toThrow(InputError);
    },
  );

  it('names the line of such a mark', () => {
    expect(() => readCsv('a,b\n"c\nd",e\nf"g', 'my.csv')).toThrow(
      'my.csv, line 4: a quotation mark stands alone.',
    );
  });

  it('reads back any table that was written by the rules', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r', '😀') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 })), (table) => {
        const quoted = table.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        expect(cellsOf(quoted.join('\r\n'))).toEqual(table);
      }),
    );
  });

  it('reads a quoted cell of four million characters', () => {
    const long = 'x"'.repeat(2_000_000);
    expect(cellsOf(`"${long.replaceAll('"', '""')}",b`)[0]?.[0]).toHaveLength(long.length);
  });
});
