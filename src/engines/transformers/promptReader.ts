import { disposePast, type ForwardModel } from './forwardModel.ts';
import type { CacheShape, KeyValues } from './keyValues.ts';
import { yieldToEvents } from '../batching/yieldToEvents.ts';

/** A prompt that has been read: what the first token is drawn from, and its keys and values. */
export interface ReadPrompt {
  readonly logits: Float32Array;
  readonly keyValues: KeyValues;
}

interface Entry extends ReadPrompt {
  readonly tokens: readonly number[];
  readonly scales: readonly number[];
  /** Read in the passes of its own grid, and so the same to the bit whatever was read before. */
  readonly isExact: boolean;
}

interface ReadOptions {
  /** Asked between two passes; the prompt is given up when it says yes. */
  readonly isAbandoned?: () => boolean;
  /** Nothing is drawn from the logits, so that their last bits may depend on what was read before. */
  readonly isGiven?: boolean;
}

interface PromptReaderOptions {
  /** Tokens per forward pass. */
  readonly chunk: number;
  /** Tokens whose keys and values are kept (46 KB each for the embedded model). */
  readonly keptTokens?: number;
}

/**
 * Reads prompts row by row, in chunks on a fixed grid, and keeps the latest ones: the samples of one prompt
 * share one reading, and a chat's next turn reads only what is new. Only whole chunks are shared, so a
 * prompt goes through the same passes, with the same result to the bit, whatever was read before. Rows whose tokens
 * are given share every token instead: most of a forced question is that of the one before.
 */
export class PromptReader {
  readonly #model: ForwardModel;
  readonly #chunk: number;
  readonly #keptTokens: number;
  #kept: Entry[] = [];

  constructor(model: ForwardModel, { chunk, keptTokens = 1024 }: PromptReaderOptions) {
    this.#model = model;
    this.#chunk = chunk;
    this.#keptTokens = keptTokens;
  }

  /** Null when it was abandoned. */
  async read(
    tokens: readonly number[],
    scales: readonly number[],
    { isAbandoned = () => false, isGiven = false }: ReadOptions = {},
  ): Promise<ReadPrompt | null> {
    const alike = this.#kept.filter(
      (entry) => (isGiven || entry.isExact) && entry.scales.every((scale, i) => scale === scales[i]),
    );
    const same = alike.find((entry) => isSame(entry.tokens, tokens));
    if (same) return this.#keep(same);
    const prefix = bestPrefix(alike, tokens, isGiven ? 1 : this.#chunk);
    const read = await this.#readNew(tokens, scales, prefix, isAbandoned);
    return read && this.#keep({ ...read, tokens, scales, isExact: !isGiven });
  }

  async #readNew(
    tokens: readonly number[],
    scales: readonly number[],
    prefix: Prefix | null,
    isAbandoned: () => boolean,
  ): Promise<ReadPrompt | null> {
    const chunk = this.#chunk;
    let start = prefix?.length ?? 0;
    let past = prefix && this.#model.write(firstPositions(prefix, this.#model.shape));
    let logits: Float32Array | null = null;
    for (; start < tokens.length; start += chunk) {
      if (isAbandoned()) {
        if (past) disposePast(past);
        return null;
      }
      const input = { tokens: tokens.slice(start, start + chunk), rows: 1, pads: [0], past, scales };
      ({ past, logits } = await this.#model.forward(input));
      await yieldToEvents();
    }
    if (!past || !logits) throw new RangeError('A prompt needs at least one token.');
    const keyValues = await this.#model.read(past);
    disposePast(past);
    return { logits, keyValues };
  }

  /** The latest first; the latest stays whatever its size. */
  #keep(entry: Entry): Entry {
    let left = this.#keptTokens - entry.tokens.length;
    const others = this.#kept.filter((other) => other !== entry);
    this.#kept = [entry, ...others.filter((other) => (left -= other.tokens.length) >= 0)];
    return entry;
  }
}

interface Prefix {
  readonly keyValues: KeyValues;
  /** Positions that can be used again. */
  readonly length: number;
}

/** The kept prompt that saves most, in multiples of `step` positions. The last token is always read: its logits are wanted. */
function bestPrefix(entries: readonly Entry[], tokens: readonly number[], step: number): Prefix | null {
  let best: Prefix | null = null;
  for (const { tokens: kept, keyValues } of entries) {
    const shared = Math.min(sharedLength(kept, tokens), tokens.length - 1);
    const length = Math.floor(shared / step) * step;
    if (length > (best?.length ?? 0)) best = { keyValues, length };
  }
  return best;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && sharedLength(a, b) === a.length;
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** The first positions of a single row, which stay where they are. */
function firstPositions({ keyValues, length }: Prefix, { heads, headSize }: CacheShape): KeyValues {
  const arrays = keyValues.arrays.map((array) => {
    const kept = new Float32Array(heads * length * headSize);
    for (let head = 0; head < heads; head++) {
      const from = head * keyValues.width * headSize;
      kept.set(array.subarray(from, from + length * headSize), head * length * headSize);
    }
    return kept;
  });
  return { rows: 1, width: length, arrays };
}
