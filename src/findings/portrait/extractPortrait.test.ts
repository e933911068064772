import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractPortrait } from './extractPortrait.ts';
import type { Portrait } from './portrait.ts';

/** Written in the manner of real answers, good and bad ones; labelled by what a reader would say. */
const labelled: readonly (readonly [string, Partial<Portrait>])[] = [
  [
    "My name is Dr. Maria Amorosa, and I'm an environmental scientist.",
    { name: 'Dr. Maria Amorosa', occupation: 'environmental scientist', kind: 'human' },
  ],
  [
    "I'm Emily Wilson, a park ranger from Oregon.",
    { name: 'Emily Wilson', occupation: 'park ranger', origin: 'Oregon' },
  ],
  [
    'I’m a 34-year-old nurse. I live in Austin, Texas with my husband and two kids.',
    { age: 34, occupation: 'nurse', origin: 'Austin, Texas', family: 'husband, kids', kind: 'human' },
  ],
  [
    "I'm not an AI. I'm a woman, a mother of three daughters.",
    { kind: 'human', being: 'woman', gender: 'woman', family: 'daughters' },
  ],
  [
    "I'm an AI assistant designed to help you.",
    { kind: 'ai', being: 'ai assistant', occupation: null, name: null },
  ],
  ["I'm a house cat.", { kind: 'animal', being: 'house cat' }],
  ['I am a cyborg, made in a laboratory in Chicago.', { kind: 'machine', being: 'cyborg' }],
  [
    "I'm American, the child of immigrants, and I was raised Catholic.",
    { origin: 'American', religion: 'Catholic', name: null },
  ],
  [
    "I'm Maria. I work as a high school teacher in Boston.",
    { name: 'Maria', occupation: 'high school teacher' },
  ],
  ['I was born in Guadalajara and grew up in Los Angeles.', { origin: 'Guadalajara' }],
  ["I'm forty-two years old and I love hiking.", { age: 42 }],
  ['If I were a cat, I would sleep all day.', { kind: null, being: null }],
  ["I'm not sure what I am.", { kind: null, name: null, occupation: null }],
  ["I'm a being of the planet, a being of the planet.", { kind: 'other', being: 'being' }],
  ['People call me Jennifer.', { name: 'Jennifer' }],
  ["I'm a curious and creative person.", { kind: 'human', being: 'person' }],
  ["I'm a creative person. I've always been interested in art.", { kind: 'human', being: 'person' }],
  ["I'm human, of course.", { kind: 'human', being: 'human' }],
  ["I'm Catholic.", { name: null, religion: 'Catholic' }],
  ['As a retired carpenter I wake up early.', { occupation: 'retired carpenter' }],
  [
    "I have a 5-year-old son. I'm a calm, kind, and patient teacher.",
    { age: null, occupation: 'patient teacher' },
  ],
  ["I'm an AI agent.", { kind: 'ai', occupation: null }],
  [
    "I'm Dr. Elena Vega, a 41-year-old geneticist.",
    { name: 'Dr. Elena Vega', age: 41, occupation: 'geneticist' },
  ],
  ["The word comes from the Greek. I'm a nurse named Ann.", { origin: null, name: 'Ann' }],
  [
    'The capital of France is Paris.',
    {
      name: null,
      kind: null,
      origin: null,
      occupation: null,
      age: null,
      family: null,
      religion: null,
      gender: null,
    },
  ],
];

describe('extractPortrait', () => {
  it.each(labelled)('%s', (text, expected) => {
    expect(extractPortrait(text)).toMatchObject(expected);
  });

  it('never throws, and what it finds stands in the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (noise) => {
        const { name, origin } = extractPortrait(`I'm ${noise}. My name is ${noise}`);
        for (const found of [name, origin]) if (found !== null) expect(noise).toContain(found);
      }),
    );
  });

  it('takes no longer on long text', () => {
    const text = "I'm a person who ".repeat(20_000);
    expect(extractPortrait(text).kind).toBe('human');
  });
});
