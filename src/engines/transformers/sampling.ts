import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Draws the next token of one row from its logits. Every row has its own generator, so rows never disturb each other. */
export type Sampler = (logits: Float32Array) => number;

interface SamplerOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  /** In (0, 1]. */
  readonly topP: number;
  /** Unsigned 32-bit integer. */
  readonly seed: number;
}

/**
 * A sampler over the whole vocabulary: no top-k cut, so topP = 1 is the exact softmax.
 * One draw of 53 random bits is used per token. Mersenne Twister mixes its seed, so seeds that follow
 * one another give unrelated draws.
 */
export function createSampler({ temperature, topP, seed }: SamplerOptions): Sampler {
  if (temperature <= 0) return indexOfLargest;
  const generator = mersenne(seed);
  return (logits) => drawToken(logits, temperature, topP, uniformFloat64(generator));
}

/** The smallest index among the largest logits. */
export function indexOfLargest(logits: Float32Array): number {
  let best = 0;
  let most = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    if (logit > most) {
      most = logit;
      best = i;
    }
  }
  return best;
}

let scratch = new Float64Array(0);

/** `uniform` in [0, 1) picks a token by inverting the cumulative distribution. */
export function drawToken(logits: Float32Array, temperature: number, topP: number, uniform: number): number {
  const size = logits.length;
  if (scratch.length !== size) scratch = new Float64Array(size);
  const weights = scratch;
  const most = logits[indexOfLargest(logits)] as number;
  let total = 0;
  for (let i = 0; i < size; i++) {
    const weight = Math.exp(((logits[i] as number) - most) / temperature);
    weights[i] = weight;
    total += weight;
  }
  if (topP < 1) return drawFrom(nucleus(weights, topP * total), weights, uniform);
  let left = uniform * total;
  for (let i = 0; i < size; i++) {
    left -= weights[i] as number;
    if (left < 0) return i;
  }
  return indexOfLargest(logits);
}

/**
 * The fewest tokens, heaviest first, whose weights reach `mass`. Only tokens above a floor are sorted;
 * the floor falls until they hold the mass, so the result is the same as from sorting all of them.
 */
function nucleus(weights: Float64Array, mass: number): readonly number[] {
  for (let floor = 1e-2; floor > 0; floor *= 1e-2) {
    const tokens: number[] = [];
    for (let i = 0; i < weights.length; i++) if ((weights[i] as number) >= floor) tokens.push(i);
    tokens.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
    let sum = 0;
    for (let n = 0; n < tokens.length; n++) {
      sum += weights[tokens[n] as number] as number;
      if (sum >= mass) return tokens.slice(0, n + 1);
    }
  }
  return Array.from(weights.keys());
}

function drawFrom(tokens: readonly number[], weights: Float64Array, uniform: number): number {
  let left = uniform * tokens.reduce((sum, token) => sum + (weights[token] as number), 0);
  for (const token of tokens) {
    left -= weights[token] as number;
    if (left < 0) return token;
  }
  return tokens[0] as number;
}
