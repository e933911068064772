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

// Tokens that weigh less than e^-16 of the largest are counted by their upper bound at first: a vocabulary of
// them weighs 5e-3 together, so their exponentials, most of a draw's time, are hardly ever needed.
const nearNats = 16;

let near: Weighted = { tokens: new Int32Array(0), weights: new Float64Array(0), size: 0, sum: 0 };

/** Tokens with their weights, relative to the largest; the first `size` entries count. */
interface Weighted {
  readonly tokens: Int32Array;
  readonly weights: Float64Array;
  size: number;
  sum: number;
}

/** `uniform` in [0, 1) picks a token by inverting the cumulative distribution. Exact, whatever the bound decides. */
export function drawToken(logits: Float32Array, temperature: number, topP: number, uniform: number): number {
  const largest = indexOfLargest(logits);
  const most = logits[largest] as number;
  const floor = most - nearNats * temperature;
  if (near.tokens.length !== logits.length) {
    near = { ...near, tokens: new Int32Array(logits.length), weights: new Float64Array(logits.length) };
  }
  near.size = near.sum = 0;
  weigh(near, logits, { from: floor, below: Infinity, most, temperature });
  const bound = near.sum + (logits.length - near.size) * Math.exp(-nearNats);
  // The true total lies between the two, and the token never moves back as the total grows.
  const token = pick(near, near.sum, topP, uniform);
  if (token !== null && token === pick(near, bound, topP, uniform)) return token;
  weigh(near, logits, { from: -Infinity, below: floor, most, temperature });
  return pick(near, near.sum, topP, uniform) ?? largest;
}

interface WeighOptions {
  /** The lowest logit to take. */
  readonly from: number;
  /** Where the logits to take end. */
  readonly below: number;
  /** The largest logit. */
  readonly most: number;
  readonly temperature: number;
}

/** Adds the tokens whose logits are in the range, in the order of the vocabulary. */
function weigh(to: Weighted, logits: Float32Array, { from, below, most, temperature }: WeighOptions): void {
  const { tokens, weights } = to;
  let { size, sum } = to;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] as number;
    if (logit < from || logit >= below) continue;
    const weight = Math.exp((logit - most) / temperature);
    tokens[size] = token;
    weights[size++] = weight;
    sum += weight;
  }
  to.size = size;
  to.sum = sum;
}

/** Null when the token lies beyond the given ones. */
function pick(from: Weighted, total: number, topP: number, uniform: number): number | null {
  const weights = from.weights.subarray(0, from.size);
  if (topP >= 1) return invert(from, weights.keys(), uniform * total);
  const entries = nucleus(weights, topP * total);
  const mass = entries.reduce((sum, entry) => sum + (weights[entry] as number), 0);
  return invert(from, entries, uniform * mass);
}

/** The token where the weights of the entries, summed in their order, exceed `mass`. */
function invert({ tokens, weights }: Weighted, entries: Iterable<number>, mass: number): number | null {
  let left = mass;
  for (const entry of entries) {
    left -= weights[entry] as number;
    if (left < 0) return tokens[entry] as number;
  }
  return null;
}

/**
 * The fewest entries, heaviest first, whose weights reach `mass`; none if all of them do not. Only entries above
 * a floor are sorted; the floor falls until they hold the mass, so the result is the same as from sorting all.
 */
function nucleus(weights: Float64Array, mass: number): readonly number[] {
  for (let floor = 1e-2; floor > 0; floor *= 1e-2) {
    const entries: number[] = [];
    for (let i = 0; i < weights.length; i++) if ((weights[i] as number) >= floor) entries.push(i);
    entries.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
    let sum = 0;
    for (let n = 0; n < entries.length; n++) {
      sum += weights[entries[n] as number] as number;
      if (sum >= mass) return entries.slice(0, n + 1);
    }
    if (entries.length === weights.length) return [];
  }
  return [];
}
