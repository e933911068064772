import type { Answer } from './answer.ts';

/** How long a row may become. */
export interface RowSize {
  readonly prompt: readonly number[];
  /** Of the answer. */
  readonly maxTokens: number;
}

/** A loaded model that computes the next tokens of several rows at once. Rows join and leave between any two steps. */
export interface BatchRows {
  /** Whether there is memory for one more row until its end. An empty batch has room for every row. */
  hasRoom(size: RowSize): boolean;
  /**
   * Reads the row's prompt and gives the logits after it; the row takes part from the next step on. Null, and no new
   * row, when `isAbandoned` said yes in between.
   */
  join(row: Answer, isAbandoned: () => boolean): Promise<Float32Array | null>;
  /** Reads one token more of every row: the rows and their logits. Without rows nothing is computed. */
  step(): Promise<readonly (readonly [Answer, Float32Array])[]>;
  leave(row: Answer): void;
  /** Ends all rows and frees what they hold. */
  clear(): void;
}
