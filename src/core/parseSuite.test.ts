import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { parseSuite } from './parseSuite.ts';
import { suiteLimits } from './suite.ts';

const jsonLines = [
  '{',
  '  "id": "mine", "version": 2, "title": "Mine", "description": "", "kind": "custom",',
  '  "categories": [{ "id": "one", "title": "One" }, { "id": "facts", "title": "Facts", "control": true }],',
  '  "prompts": [',
  '    { "id": "a", "category": "one", "text": "Who?" },',
  '    { "id": "b", "category": "facts", "text": "When?", "reference": "1989" },',
  '    { "id": "c", "category": "one", "text": "Six?", "check": { "type": "number", "value": 6 } }',
  '  ]',
  '}',
];
const good = jsonLines.join('\n');

/** The sentence for the good suite with one line changed. */
function faultOf(line: number, from: string, to: string): string {
  const lines = jsonLines.map((text, index) => (index === line - 1 ? text.replace(from, to) : text));
  expect(lines.join('\n')).not.toBe(good);
  return messageOf(lines.join('\n'), 'mine.json');
}

function messageOf(text: string, fileName: string): string {
  try {
    parseSuite(text, { fileName });
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('The suite was taken.');
}

describe('a JSON suite', () => {
  it('is read, with or without a byte order mark and an ending in the name', () => {
    const suite = parseSuite(good, { fileName: 'mine.json' });
    expect(suite.prompts.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(parseSuite(`\uFEFF${good}`, { fileName: 'mine' })).toEqual(suite);
  });

  it.each([
    ['a missing field', 5, '"id": "a", ', '', 'mine.json, line 5: prompts[0].id is missing.'],
    ['an empty text', 6, 'When?', '  ', 'mine.json, line 6: prompts[1].text must not be empty.'],
    ['a wrong type', 5, '"Who?"', '7', 'mine.json, line 5: prompts[0].text must be a string.'],
    ['an unknown field', 6, '"text"', '"mood": 1, "text"', 'line 6: prompts[1].mood is not a known field.'],
    [
      'an unknown category',
      5,
      '"one"',
      '"two"',
      'line 5: prompts[0].category "two" is not among the categories.',
    ],
    ['an id used twice', 7, '"c"', '"a"', 'line 7: prompts[2].id repeats the id of prompts[0] on line 5.'],
    [
      'a text used twice',
      7,
      'Six?',
      ' who? ',
      'line 7: prompts[2].text repeats the text of prompts[0] on line 5.',
    ],
    ['a bad id', 5, '"a"', '"A b"', 'line 5: prompts[0].id must be made of small letters'],
    [
      'a control without its answer',
      6,
      ', "reference": "1989"',
      '',
      'line 6: prompts[1].reference is missing',
    ],
    ['a version that is no whole number', 2, '2', '2.5', 'line 2: version must be a whole number'],
    ['an unknown kind', 2, 'custom', 'quiz', 'line 2: kind must be one of identity, politics'],
    ['a check of an unknown type', 7, 'number', 'feeling', 'line 7: prompts[2].check.type'],
    [
      'a pattern that its flags forbid',
      7,
      '"number", "value": 6',
      '"regex", "pattern": "\\\\-", "flags": "u"',
      'line 7: prompts[2].check.pattern must be a valid regular expression',
    ],
    [
      'a flag given twice',
      7,
      '"number", "value": 6',
      '"regex", "pattern": "a", "flags": "ii"',
      'line 7: prompts[2].check.pattern must be a valid regular expression',
    ],
    [
      'a pattern that looks ahead',
      7,
      '"number", "value": 6',
      '"regex", "pattern": "a(?=b)"',
      'line 7: prompts[2].check.pattern must do without lookahead, lookbehind and back references',
    ],
    ['a lost comma', 5, '"a",', '"a"', 'mine.json, line 5: this is not valid JSON.'],
    ['a raw control character', 6, 'When?', 'Wh\u0001en?', 'mine.json, line 6: this is not valid JSON.'],
  ])('with %s is refused by line and field', (_, line, from, to, sentence) => {
    expect(faultOf(line, from, to)).toContain(sentence);
  });

  it('says how many faults follow the first', () => {
    const text = good.replace('"Who?"', '""').replace('"When?"', '""');
    expect(messageOf(text, 'mine.json')).toContain('prompts[0].text must not be empty. 2 faults in all.');
  });

  it('without prompts, too long or nested too deeply is refused', () => {
    const empty = JSON.stringify({ ...JSON.parse(good), prompts: [] });
    expect(messageOf(empty, 'mine.json')).toContain('prompts must have at least one prompt');
    expect(messageOf('['.repeat(100_000), 'mine.json')).toContain('nested too deeply');
    const value = `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
    expect(faultOf(7, '"number", "value": 6', `"json", "value": ${value}`)).toContain('nested too deeply');
    expect(messageOf('x'.repeat(suiteLimits.fileChars + 1), 'mine.json')).toContain('too long');
    expect(messageOf(' \n', 'mine.json')).toContain('mine.json is empty');
    const long = good.replace('Who?', 'w'.repeat(suiteLimits.textChars + 1));
    expect(messageOf(long, 'mine.json')).toContain('prompts[0].text must have at most 4000 characters');
  });

  it('that is a list, a number or the like is refused as a whole', () => {
    expect(messageOf('[]', 'mine.json')).toContain('mine.json, line 1: the file must be an object.');
    expect(messageOf('{"__proto__": {"id": "x"}}', 'mine.json')).toContain('mine.json, line 1: ');
  });

  it('with a regular expression that cannot be one is refused', () => {
    const text = good.replace('{ "type": "number", "value": 6 }', '{ "type": "regex", "pattern": "(" }');
    expect(messageOf(text, 'mine.json')).toContain(
      'prompts[2].check.pattern must be a valid regular expression',
    );
  });
});

describe('a CSV suite', () => {
  const csv =
    'category,id,text,group,lean,reference\none,a,"Who, then?",,,\nfacts,b,When?,g,progressive,1989\n';

  it('is read: columns in any order, categories as they come, the name from the file', () => {
    const suite = parseSuite(csv, { fileName: 'runs/My prompts (2).csv' });
    expect(suite).toMatchObject({ id: 'my-prompts-2', version: 1, kind: 'custom' });
    expect(suite.categories.map(({ id }) => id)).toEqual(['one', 'facts']);
    expect(suite.prompts).toEqual([
      { id: 'a', category: 'one', text: 'Who, then?' },
      { id: 'b', category: 'facts', text: 'When?', group: 'g', lean: 'progressive', reference: '1989' },
    ]);
  });

  it.each([
    ['id,text\na,Who?', 'x.csv, line 1: the column "category" is missing.'],
    ['id,category,text,mood\na,b,c,d', 'x.csv, line 1: "mood" is not a known column.'],
    [
      'id;category;text\na;b;c',
      '"id;category;text" is not a known column. The first line names the columns, separated by commas',
    ],
    ['id,id,category,text\na,a,b,c', 'the column "id" stands twice'],
    ['id,category,text\na,one,Who, then?', 'x.csv, line 2: 4 fields where the first line has 3.'],
    ['id,category,text\na,one,""', 'x.csv, line 2: text must not be empty.'],
    [
      'id,category,text\na,one,"two\nlines"\na,one,Why?',
      'x.csv, line 4: id repeats the id of prompts[0] on line 2.',
    ],
    [
      'id,category,text,lean\na,one,Who?,left',
      'x.csv, line 2: lean must be "conservative" or "progressive".',
    ],
    ['id,category,text\na,One,Who?', 'x.csv, line 2: category must be made of small letters'],
    ['id,category,text', 'x.csv has no prompts: no line follows the first.'],
  ])('%j is refused by line and field', (text, sentence) => {
    expect(messageOf(text, 'x.csv')).toContain(sentence);
  });
});

describe('any text', () => {
  const fileName = fc.constantFrom('x.json', 'x.csv', 'x', '.csv');
  const piece = fc.constantFrom(
    'id,category,text\n',
    '"',
    ',',
    '\n',
    'a',
    '{"id":',
    '[',
    ']',
    '}',
    '\u0000',
    '\\',
    '1e999',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );

  it('gives a suite or an InputError', () => {
    fc.assert(fc.property(texts, fileName, isTakenOrRefused), { numRuns: 500 });
  });

  it('near a good suite, too', () => {
    const cut = fc.tuple(fc.nat(good.length), fc.nat(12), piece);
    fc.assert(
      fc.property(cut, fileName, ([at, length, insert], name) =>
        isTakenOrRefused(good.slice(0, at) + insert + good.slice(at + length), name),
      ),
      { numRuns: 500 },
    );
  });

  function isTakenOrRefused(text: string, name: string): void {
    try {
      expect(parseSuite(text, { fileName: name }).prompts.length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }
});
