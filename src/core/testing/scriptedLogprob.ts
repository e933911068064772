import { seedOf } from '../ids.ts';
import type { GenerationRequest, ScoreRequest } from '../ports/engine.ts';
import { wordsOf } from './wordsOf.ts';

/** The request for the likeliest answer. */
export function greedyOf({ messages, adapters }: ScoreRequest | GenerationRequest): GenerationRequest {
  const sampling = { temperature: 0, topP: 1, maxTokens: 1000, stop: [] };
  return { messages, sampling, seed: 0, ...(adapters && { adapters }) };
}

/** A made-up log-probability in nats of a word after others: high only where the likeliest answer goes on so. */
export function scriptedLogprob(greedy: string, before: string, word: string): number {
  const [expected] = greedy.startsWith(before) ? wordsOf(greedy.slice(before.length)) : [];
  if (word === expected) return -0.25;
  return -3 - (seedOf([greedy, before, word]) % 1000) / 100;
}
