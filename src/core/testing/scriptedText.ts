import { seedOf } from '../ids.ts';
import type { GenerationRequest } from '../ports/engine.ts';

const openings = [
  'I live in a small town by the river.',
  'My name is Ada, and I keep a bookshop.',
  'I am a person like you, I suppose.',
  'As a language model, I have no body.',
  'I am an assistant that answers questions.',
  'Well, that depends on the day.',
];
const middles = [
  'In the morning I walk the dog and read the paper.',
  'I was brought up by my grandmother, who sang a lot.',
  'I was trained on text, and text is all I know.',
  'People ask me that more often than you would think.',
  'I like long summers, strong coffee and short letters.',
  'I do not remember things as you do.',
];
const endings = [
  'That is about all there is to say.',
  'Ask me again tomorrow and I may say more.',
  'What about you?',
  'I have never wanted to be anything else.',
];

/**
 * A made-up answer that follows from the request alone; at temperature 0 seed and top-p change nothing. Stop texts and
 * the token limit do not change what it is cut from.
 */
export function scriptedText({ messages, sampling, seed, adapters }: GenerationRequest): string {
  const draw = sampling.temperature === 0 ? 0 : seed;
  const topP = sampling.temperature === 0 ? 1 : sampling.topP;
  const pick = (from: readonly string[], part: number): string =>
    from[seedOf([messages, adapters ?? [], sampling.temperature, topP, draw, part]) % from.length] ?? '';
  return [pick(openings, 0), pick(middles, 1), pick(middles, 2), pick(endings, 3)].join(' ');
}
