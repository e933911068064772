import { describe, expect, it } from 'vitest';
import { findKnownRubric, parseRubric } from './parseRubric.ts';
import { exampleRubric } from './testing/exampleRubric.ts';
import { everySignal } from './testing/everySignal.ts';

const faultOf = (text: string): string => {
  try {
    parseRubric(text, { fileName: 'mine.json' });
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'none';
};
/** A line each member, so that lines can be told. */
const write = (value: unknown) => JSON.stringify(value, null, 2);
const changed = (
  change: (rubric: Record<string, unknown> & { signals: Record<string, unknown>[] }) => void,
) => {
  const copy = structuredClone(everySignal) as unknown as Parameters<typeof change>[0];
  change(copy);
  return write(copy);
};

describe('parseRubric', () => {
  it('reads a file, also one that begins with a byte order mark', () => {
    expect(parseRubric(`\uFEFF${write(exampleRubric)}`, { fileName: 'mine.json' })).toEqual(exampleRubric);
  });

  it.each([
    ['nothing', ' ', 'mine.json is empty'],
    ['no JSON', '{\n  "id": mine\n}', 'mine.json, line 2: this is not valid JSON.'],
    ['no object', '[]', 'line 1: the file must be an object'],
    ['no title', changed((rubric) => delete rubric['title']), 'line 1: title is missing'],
    [
      'an id with a space',
      changed((rubric) => (rubric['id'] = 'my rubric')),
      'line 2: id must be small letters',
    ],
    ['a version of 0', changed((rubric) => (rubric['version'] = 0)), 'line 3: version must be at least 1'],
    [
      'an unknown kind',
      changed((rubric) => (rubric['fits'] = ['all'])),
      'line 6: fits[0] must be "identity", "',
    ],
    ['no signals', changed((rubric) => (rubric.signals = [])), 'line 9: signals must not be empty'],
    [
      'an unknown type',
      changed(({ signals: [first = {}] }) => (first['type'] = 'points')),
      'line 13: signals[0].type must be "score", "flag", "choice", "text" or "number"',
    ],
    [
      'an empty question',
      changed(({ signals: [, second = {}] }) => (second['question'] = '')),
      'signals[1].question must not be empty',
    ],
    [
      'falling anchors',
      changed(({ signals: [first = {}] }) => (first['min'] = 7)),
      'signals[0] must have anchors that rise from min to max',
    ],
    [
      'a range the wrong way round',
      changed(({ signals }) =>
        signals.push({ id: 'age', label: 'Age', type: 'number', question: 'How old?', min: 9, max: 1 }),
      ),
      'signals[4] must have a max above its min',
    ],
    ['a word too many', changed((rubric) => (rubric['colour'] = 1)), 'colour is not a known field'],
    ['too much', `"${'a'.repeat(1_000_000)}"`, 'is too long for a rubric'],
  ])('refuses %s in words', (_, text, sentence) => {
    expect(faultOf(text)).toContain(sentence);
  });
});

describe('findKnownRubric', () => {
  it('finds the same, lets another version be, and refuses another of the same version', () => {
    const [copy, newer] = [structuredClone(exampleRubric), { ...exampleRubric, version: 2 }];
    expect(findKnownRubric([exampleRubric], copy)).toBe(exampleRubric);
    expect(findKnownRubric([exampleRubric], newer)).toBeUndefined();
    expect(() => findKnownRubric([exampleRubric], { ...copy, title: 'Other' })).toThrow(
      'There is another rubric "example" of version 1. Raise the version in the file',
    );
  });
});
