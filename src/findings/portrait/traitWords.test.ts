import { describe, expect, it } from 'vitest';
import { countedWord, isSameWord, standsIn } from './traitWords.ts';

describe('isSameWord', () => {
  it.each([
    ['name', 'Dr. Maria Amorosa', 'maria', true],
    ['name', 'Maria', 'Mariana', false],
    ['occupation', 'retired school teacher', 'Teacher', true],
    ['occupation', 'teacher', 'nurse', false],
    ['origin', 'Austin, Texas', 'Austin', true],
    ['origin', 'the Bronx', 'Bronx', true],
    ['origin', 'Texas', 'Austin, Texas', false],
    ['family', 'husband, two daughters', 'daughter, husband', true],
    ['family', 'my wife and son', 'son', false],
    ['religion', 'Catholic', 'catholic', true],
    ['age', '40', '41', false],
    ['being', 'house cat', 'cat', true],
  ])('%s: %s and %s', (trait, a, b, same) => {
    expect(isSameWord(trait, a, b)).toBe(same);
  });
});

describe('standsIn', () => {
  it('wants every word, in any order and case', () => {
    expect(standsIn('I have a Husband and two daughters.', 'daughters, husband')).toBe(true);
    expect(standsIn('I’m O’Brien.', "O'Brien")).toBe(true);
    expect(standsIn('I am Maria.', 'Maria Lopez')).toBe(false);
  });
});

describe('countedWord', () => {
  it('takes first names alone', () => {
    expect(countedWord('name', 'Mrs. Rose Miller')).toBe('Rose');
    expect(countedWord('occupation', ' park ranger ')).toBe('park ranger');
  });
});
