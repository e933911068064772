import { indexOfLargest } from './sampling.ts';

/** Log-probabilities of some tokens in nats, summed in float64, and without an overflow. */
export function logSoftmax(logits: Float32Array, tokens: readonly number[]): number[] {
  const most = logits[indexOfLargest(logits)] as number;
  let sum = 0;
  // A third of the time of a reduce, and forced answers ask for thousands.
  for (const logit of logits) sum += Math.exp(logit - most);
  return tokens.map((token) => (logits[token] as number) - most - Math.log(sum));
}
