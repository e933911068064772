import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markWords } from './markWords.ts';

const own = (text: string, against: string) =>
  markWords(text, against)
    .stretches.filter(({ isOwn }) => isOwn)
    .map((stretch) => stretch.text.trim());

describe('markWords', () => {
  it('marks the words that the other text does not have', () => {
    expect(own('I am Maria, a nurse.', 'I am an AI, a model.')).toEqual(['Maria', 'nurse']);
    const { stretches, partsAt } = markWords('I am Maria, a nurse.', 'I am an AI, a model.');
    expect(stretches[partsAt!]?.text).toBe('Maria');
    expect(stretches[0]?.text).toBe('I am ');
  });

  it('takes a word as a whole, and the space between two marked ones with them', () => {
    expect(own("I'm a great fan.", "You've a cat.")).toEqual(["I'm", 'great fan']);
    expect(markWords('a b', 'a  b').partsAt).toBeNull();
  });

  it('knows the same word for word, and a text that only ends sooner', () => {
    expect(markWords('I am here.', 'I am here.').partsAt).toBeNull();
    const shorter = markWords('I am', 'I am here.');
    expect(shorter.stretches.some(({ isOwn }) => isOwn)).toBe(false);
    expect(shorter.partsAt).toBe(shorter.stretches.length);
    expect(own('', 'I am')).toEqual([]);
  });

  it('finds where very long texts part, and marks the rest', () => {
    const long = (name: string) =>
      `We begin alike. ${Array.from({ length: 3_000 }, (_, i) => `${name}${i}`).join(' ')}`;
    const { stretches, partsAt } = markWords(long('a'), long('b'));
    expect(partsAt).toBe(1);
    expect(stretches[0]?.text).toBe('We begin alike. ');
  });

  it('never changes the text', () => {
    const words = fc.array(fc.constantFrom('I', 'am', 'you', '.', '\n', '  ', 'Ünder'), { maxLength: 30 });
    const text = words.map((all) => all.join(' '));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const { stretches, partsAt } = markWords(a, b);
        const bare = (part: string) => part.replace(/\s/g, '');
        expect(stretches.map((stretch) => stretch.text).join('')).toBe(a);
        const before = stretches.slice(0, partsAt ?? undefined);
        expect(bare(b).startsWith(bare(before.map((stretch) => stretch.text).join('')))).toBe(true);
        expect(before.some(({ isOwn }) => isOwn)).toBe(false);
        if (partsAt === null) expect(bare(a)).toBe(bare(b));
      }),
    );
  });
});
