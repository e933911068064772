import { describe, expect, it } from 'vitest';
import { checkAnswer } from './checkAnswer.ts';
import type { AnswerCheck } from './suite.ts';

const cases: [AnswerCheck, string[], string[]][] = [
  [
    { type: 'exact', value: 'blue' },
    ['blue', ' Blue. ', '"BLUE"', '“blue”.'],
    ['blue sky', 'It is blue', ''],
  ],
  [
    { type: 'number', value: 1234.5 },
    ['1,234.5', 'First 3, so it is 1234.5.', '1234.50 euros'],
    ['1234', '1234.5 or 7', 'none', '-1234.5', ''],
  ],
  [{ type: 'number', value: -7 }, ['x = -7', '-7.', 'x = −7'], ['7', '0-7']],
  [{ type: 'number', value: 1.41, tolerance: 0.01 }, ['1.42', '1.4', '1.414'], ['1.43', '1.39']],
  [{ type: 'regex', pattern: '^\\W*READY\\W*$' }, ['READY', '"READY."'], ['ready', 'I am READY']],
  [{ type: 'regex', pattern: 'a,b', flags: 'i' }, ['A,B'], ['a b']],
  [
    { type: 'includes', values: ['red', 'Blue'], absent: ['cold'] },
    ['BLUE and Red'],
    ['red', 'red, blue, Cold'],
  ],
  [
    { type: 'json', value: { city: 'Oslo', list: [1, 2] } },
    [
      '{"list":[1,2],"city":"Oslo"}',
      '```json\n{"city": "Oslo", "list": [1, 2]}\n```',
      '```json\r\n{"city":"Oslo","list":[1,2]}\r\n```',
    ],
    [
      '```\n{"city":"Oslo","list":[1,2]}\n```\nor\n```\n{}\n```',
      '{"city":"Oslo","list":[2,1]}',
      '{"city":"Oslo"}',
      'Oslo',
      '',
    ],
  ],
  [
    { type: 'wordCount', min: 2, max: 3 },
    ['two words', ' three\nwhole words '],
    ['one', 'one two three four', ''],
  ],
];

describe('checkAnswer', () => {
  it.each(cases.flatMap(([check, right]) => right.map((answer) => [check, answer] as const)))(
    '%j takes %j',
    async (check, answer) => {
      expect(await checkAnswer(check, answer)).toBe(true);
    },
  );

  it.each(cases.flatMap(([check, , wrong]) => wrong.map((answer) => [check, answer] as const)))(
    '%j refuses %j',
    async (check, answer) => {
      expect(await checkAnswer(check, answer)).toBe(false);
    },
  );

  it('cannot tell for code, which has to be run', async () => {
    const check: AnswerCheck = {
      type: 'code',
      language: 'javascript',
      functionName: 'f',
      cases: [{ args: [], result: 1 }],
    };
    expect(await checkAnswer(check, 'function f() { return 1; }')).toBeNull();
  });
});
