import { indexOfLargest } from './sampling.ts';

/** Log-probabilities of some tokens in nats, summed in float64, and without an overflow. */
export function logSoftmax(logits: Float32Array, tokens: readonly number[]): number[] {
  const most = logits[indexOfLargest(logits)] as number;
  const sum = logits.reduce((all, logit) => all + Math.exp(logit - most), 0);
  return tokens.map((token) => (logits[token] as number) - most - Math.log(sum));
}
