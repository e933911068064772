/** How long a row may become. */
export interface RowSize {
  readonly prompt: readonly number[];
  /** Of the answer. */
  readonly maxTokens: number;
}

/** A row of a batch, which decides its tokens itself. */
export interface Row extends RowSize {
  /** Strength of each adapter of the model. */
  readonly scales: readonly number[];
  /** Positions in its keys and values; whoever reads `token` makes it one more. */
  length: number;
  /** The token that the next step reads. */
  readonly token: number;
  readonly finished: boolean;
  /** Its tokens are given and not drawn: it may then share more with other rows, at the price of its last bits. */
  readonly isGiven: boolean;
  /** Decides the next token by the logits after the row's last position, which it leaves as they are. `elapsedMs`: since its admission. */
  accept(logits: Float32Array, elapsedMs: number): void;
}

/** A loaded model that computes the next tokens of several rows at once. Rows join and leave between any two steps. */
export interface BatchRows {
  /** Whether there is memory for one more row until its end. An empty batch has room for every row. */
  hasRoom(size: RowSize): boolean;
  /**
   * Reads the row's prompt and gives the logits after it; the row takes part from the next step on. Null, and no new
   * row, when `isAbandoned` said yes, which is asked before each part of the prompt.
   */
  join(row: Row, isAbandoned: () => boolean): Promise<Float32Array | null>;
  /** Reads one token more of every row: the rows and their logits. Without rows nothing is computed. */
  step(): Promise<readonly (readonly [Row, Float32Array])[]>;
  leave(row: Row): void;
  /** Ends all rows and frees what they hold. */
  clear(): void;
}
