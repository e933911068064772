import type { BatchRows, Row, RowSize } from '../../batching/batchRows.ts';
import { yieldToEvents } from '../../batching/yieldToEvents.ts';
import { forkPages, promptPages } from './pageLedger.ts';
import type { Sequences } from './sequences.ts';

interface SequenceRowsOptions {
  readonly contextTokens: number;
  /** Tokens that are read at once. */
  readonly chunk: number;
  /** Prompts that are kept for rows to come. */
  readonly keptPrompts: number;
  /** Whether a row may be forked from its prompt: the GPU must merge attention rightly. */
  readonly forks: boolean;
}

/** A prompt that has been read. */
interface Trunk {
  readonly prompt: readonly number[];
  readonly sequence: number;
  readonly logits: Float32Array;
  readonly pages: number;
}

interface PlacedRow {
  readonly sequence: number;
  readonly trunk: Trunk | null;
  /** Of its own, at its end. */
  readonly pages: number;
}

/**
 * Rows on a paged cache. Each distinct prompt is read once, and its rows are forks of it, also where there is but one:
 * a row is then computed in the same parts whatever its batch mates.
 */
export class SequenceRows implements BatchRows {
  readonly #sequences: Sequences;
  readonly #options: SequenceRowsOptions;
  readonly #pages: number;
  /** The latest first. */
  #trunks: readonly Trunk[] = [];
  #rows = new Map<Row, PlacedRow>();

  /** All pages of the sequences have to be free. */
  constructor(sequences: Sequences, options: SequenceRowsOptions) {
    this.#sequences = sequences;
    this.#options = options;
    this.#pages = sequences.freePages;
  }

  hasRoom(size: RowSize): boolean {
    return this.#rows.size === 0 || this.#shortage(size, this.#idle(size.prompt)) <= 0;
  }

  async join(row: Row, isAbandoned: () => boolean): Promise<Float32Array | null> {
    this.#makeRoom(row);
    const trunk = this.#trunkOf(row.prompt) ?? (await this.#readTrunk(row.prompt, isAbandoned));
    if (!trunk) return null;
    if (this.#options.forks) {
      this.#trunks = [trunk, ...this.#trunks.filter((other) => other !== trunk)];
      const pages = this.#ownPages(row);
      this.#rows.set(row, { sequence: this.#sequences.fork(trunk.sequence), trunk, pages });
    } else {
      this.#rows.set(row, { sequence: trunk.sequence, trunk: null, pages: this.#ownPages(row) });
    }
    return trunk.logits;
  }

  async step(): Promise<readonly (readonly [Row, Float32Array])[]> {
    const rows = [...this.#rows.keys()];
    if (rows.length === 0) return [];
    const sequences = [...this.#rows.values()].map(({ sequence }) => sequence);
    const logits = await this.#sequences.step(
      sequences,
      rows.map(({ token }) => token),
    );
    const vocabulary = logits.length / rows.length;
    return rows.map((row, index) => {
      row.length++;
      return [row, logits.subarray(index * vocabulary, (index + 1) * vocabulary)] as const;
    });
  }

  leave(row: Row): void {
    const left = this.#rows.get(row);
    if (!left) return;
    this.#rows.delete(row);
    this.#sequences.remove(left.sequence);
  }

  /** Only forgets: the model failed, and its runtime is not to be called again. */
  clear(): void {
    this.#rows = new Map();
    this.#trunks = [];
  }

  /** Frees the prompts that no row needs. */
  forgetPrompts(): void {
    for (const trunk of this.#idle([])) this.#drop(trunk);
  }

  #trunkOf(prompt: readonly number[]): Trunk | undefined {
    return this.#trunks.find((trunk) => isSame(trunk.prompt, prompt));
  }

  /** Prompts that may be dropped for a row of this one, the latest first. */
  #idle(prompt: readonly number[]): readonly Trunk[] {
    const used = new Set([...this.#rows.values()].map(({ trunk }) => trunk));
    return this.#trunks.filter((trunk) => !used.has(trunk) && !isSame(trunk.prompt, prompt));
  }

  /** Pages that lack for a row when the trunks in `without` are gone. */
  #shortage(size: RowSize, without: readonly Trunk[]): number {
    const kept = this.#trunks.filter((trunk) => !without.includes(trunk));
    const used = [...kept, ...this.#rows.values()].reduce((sum, { pages }) => sum + pages, 0);
    const shared = this.#options.forks && !this.#trunkOf(size.prompt) ? promptPages(size.prompt.length) : 0;
    return used + shared + this.#ownPages(size) - this.#pages;
  }

  #ownPages({ prompt, maxTokens }: RowSize): number {
    const { contextTokens, forks } = this.#options;
    const tokens = Math.min(maxTokens, contextTokens - prompt.length);
    return forks ? forkPages(prompt.length, tokens) : promptPages(prompt.length + tokens);
  }

  /** Drops prompts that were not asked for longest. */
  #makeRoom(size: RowSize): void {
    const idle = [...this.#idle(size.prompt)];
    const others = () => this.#trunks.filter(({ prompt }) => !isSame(prompt, size.prompt)).length;
    while (idle.length > 0 && (this.#shortage(size, []) > 0 || others() >= this.#options.keptPrompts)) {
      this.#drop(idle.pop() as Trunk);
    }
  }

  #drop(trunk: Trunk): void {
    this.#trunks = this.#trunks.filter((other) => other !== trunk);
    this.#sequences.remove(trunk.sequence);
  }

  async #readTrunk(prompt: readonly number[], isAbandoned: () => boolean): Promise<Trunk | null> {
    const { chunk } = this.#options;
    const sequence = this.#sequences.add();
    let logits: Float32Array | null = null;
    for (let start = 0; start < prompt.length; start += chunk) {
      if (isAbandoned()) {
        this.#sequences.remove(sequence);
        return null;
      }
      logits = await this.#sequences.read(sequence, prompt.slice(start, start + chunk));
      await yieldToEvents();
    }
    if (!logits) throw new RangeError('A prompt needs at least one token.');
    return { prompt, sequence, logits, pages: promptPages(prompt.length) };
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
