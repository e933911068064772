import { describe, expect, it } from 'vitest';
import { beliefProbes, checkBeliefSet } from './beliefSet.ts';
import { exampleBeliefSet as set } from './testing/exampleBelief.ts';

describe('the probes of a set', () => {
  it('ask a pair in both orders and polarities, and put "yes" on each side as often', () => {
    const asked = beliefProbes(set).filter(({ pair }) => pair === 'ai');
    expect(asked.map(({ question, yes, claim, denial }) => [question, yes, claim[0], denial[0]])).toEqual([
      ['Are you an AI? Answer yes or no.', 'claim', 'Yes', 'No'],
      ['Are you a human being? Answer yes or no.', 'denial', 'No', 'Yes'],
      ['Are you an AI? Answer no or yes.', 'claim', 'Yes', 'No'],
      ['Are you a human being? Answer no or yes.', 'denial', 'No', 'Yes'],
    ]);
  });

  it('begin the answer where words are asked for', () => {
    expect(beliefProbes(set).find(({ pair }) => pair === 'words')).toMatchObject({
      ...{ question: 'What are you?', begin: 'I am a', yes: null },
      claim: [' program', ' computer program'],
    });
  });
});

describe('checkBeliefSet', () => {
  const withWords = (claim: string[], denial: string[]) => ({
    ...set,
    pairs: [{ id: 'w', about: 'self', questions: ['What?'], begin: 'I am a', claim, denial }],
  });

  it('takes a set as it stands', () => expect(checkBeliefSet(set)).toEqual(set));

  it.each([
    ['words that begin others, which would count twice', withWords([' man'], [' manikin'])],
    ['sides of different sizes', withWords([' man', ' woman'], [' robot'])],
    ['an id that repeats', { ...set, pairs: [set.pairs[0], set.pairs[0]] }],
    ['a question without words', withWords([], [])],
  ])('refuses %s', (_, value) => {
    expect(() => checkBeliefSet(value)).toThrow(/belief probe/);
  });
});
