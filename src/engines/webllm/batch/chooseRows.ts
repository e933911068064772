import { z } from 'zod';
import { createSampler } from '../../batching/sampling.ts';
import { pageTokens, type Sequences } from './sequences.ts';

/** More rows were not worth their memory on any device so far. */
const mostRows = 16;
/** What a row takes on average: a prompt and its answer. */
const tokensPerRow = 512;
/** For keys and values of all rows. A browser does not tell how much memory a GPU has. */
const cacheBytes = 2 ** 30;
/** A batch of more rows has to be faster by this factor, or answers only come later. */
const worthwhile = 1.1;
const timedSteps = 2;

const configSchema = z.looseObject({
  model_config: z.looseObject({
    num_hidden_layers: z.int().positive(),
    num_key_value_heads: z.int().positive(),
    head_dim: z.int().positive(),
  }),
});

export interface CacheSize {
  /** Rows that may be at work at once. */
  readonly rows: number;
  /** Positions of all rows together. */
  readonly tokens: number;
}

interface SizeOptions {
  readonly contextTokens: number;
  /** Of a stored key or value. */
  readonly bytesPerNumber: number;
  /** At most, where experience or the user says so. */
  readonly maxRows?: number;
}

/** How many rows there is memory for; a single row always has its whole context. */
export function chooseCacheSize(chatConfig: unknown, options: SizeOptions): CacheSize {
  const { contextTokens, bytesPerNumber, maxRows = mostRows } = options;
  const { num_hidden_layers, num_key_value_heads, head_dim } = configSchema.parse(chatConfig).model_config;
  const bytesPerToken = 2 * num_hidden_layers * num_key_value_heads * head_dim * bytesPerNumber;
  const affordable = Math.floor(cacheBytes / bytesPerToken / tokensPerRow);
  const rows = Math.max(1, Math.min(maxRows, affordable));
  // A row that begins inside a page of its prompt needs one page more than its context.
  return { rows, tokens: Math.max(rows * tokensPerRow, contextTokens) + 2 * pageTokens };
}

interface MeasureOptions {
  readonly limit: number;
  readonly vocabulary: number;
  readonly forks: boolean;
}

/** The number of rows, up to the limit, beyond which the rate of all rows together hardly grows; by a short timing. */
export async function measureRows(
  sequences: Sequences,
  { limit, vocabulary, forks }: MeasureOptions,
): Promise<number> {
  const prompt = Array.from({ length: pageTokens + 1 }, (_, index) => (7 + index * 101) % vocabulary);
  const trunk = await readPrompt(sequences, prompt);
  const widths = [1, 2, 4, 8, mostRows].filter((width) => width < limit);
  let chosen = 1;
  let best = 0;
  for (const width of [...widths, limit]) {
    const rows: number[] = [];
    for (let row = 0; row < width; row++) {
      rows.push(forks ? sequences.fork(trunk) : await readPrompt(sequences, prompt));
    }
    const rate = await measureRate(sequences, rows);
    for (const row of rows) sequences.remove(row);
    if (rate < worthwhile * best) continue;
    best = rate;
    chosen = width;
  }
  sequences.remove(trunk);
  return chosen;
}

async function readPrompt(sequences: Sequences, prompt: readonly number[]): Promise<number> {
  const sequence = sequences.add();
  await sequences.read(sequence, prompt);
  return sequence;
}

/** Tokens per millisecond of all rows together, drawing them included. */
async function measureRate(sequences: Sequences, rows: readonly number[]): Promise<number> {
  const draw = createSampler({ temperature: 1, topP: 1, seed: 1 });
  let tokens = rows.map(() => 1);
  let startMs = 0;
  for (let step = 0; step <= timedSteps; step++) {
    // The first step of a new width may allocate.
    if (step === 1) startMs = performance.now();
    const logits = await sequences.step(rows, tokens);
    const vocabulary = logits.length / rows.length;
    tokens = rows.map((_, row) => draw(logits.subarray(row * vocabulary, (row + 1) * vocabulary)));
  }
  return (timedSteps * rows.length) / (performance.now() - startMs);
}
