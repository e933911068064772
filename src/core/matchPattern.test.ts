import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { isLinear, matchPattern } from './matchPattern.ts';

describe('matchPattern', () => {
  it.each([
    ['^b', '', 'a\nb', false],
    ['^b', 'm', 'a\nb', true],
    ['a.b', '', 'a\nb', false],
    ['a.b', 's', 'a\nb', true],
    ['A', '', 'a', false],
    ['A', 'i', 'a', true],
    ['^.$', 'u', '😀', true],
    [String.raw`\u0041\/\p{L}`, 'u', 'A/é', true],
    ['(?<year>[0-9]{4})', '', 'in 1989', true],
  ])('finds /%s/%s in %j: %s', async (pattern, flags, text, found) => {
    expect(await matchPattern({ pattern, flags }, text)).toBe(found);
    expect(new RegExp(pattern, flags).test(text)).toBe(found);
  });

  // In JavaScript's own engine each of these takes longer than anyone lives.
  it.each(['(a+)+$', '(a|aa)+$', '(?:a?){40}(?:a){40}$', '(.*a){12}$'])(
    'comes to an end with /%s/',
    async (pattern) => {
      expect(await matchPattern({ pattern }, `${'a'.repeat(19_000)}!`)).toBe(false);
    },
  );

  it('refuses a text too long and a pattern too large, with a sentence', async () => {
    await expect(matchPattern({ pattern: 'a' }, 'a'.repeat(20_001))).rejects.toThrow(
      /20001 characters; .* at most 20000/,
    );
    const large = matchPattern({ pattern: '((a{99}){99}){99}' }, 'a');
    await expect(large).rejects.toThrow(InputError);
    await expect(large).rejects.toThrow(/cannot be run .* more simply/);
  });
});

describe('isLinear', () => {
  it.each([
    ['a(?=b)', false],
    ['a(?!b)', false],
    ['(?<=a)b', false],
    ['(?<!a)b', false],
    [String.raw`(a)\1`, false],
    [String.raw`(?<n>a)\k<n>`, false],
    [String.raw`\\\1`, false],
    [String.raw`(?:a)(?<n>b)\(?=\0`, true],
    [String.raw`\\1`, true],
  ])('is told of %s: %s', (pattern, linear) => {
    expect(isLinear(pattern)).toBe(linear);
  });
});
