import type { BatchRows, Row } from '../batching/batchRows.ts';
import { DecodeBatch } from './decodeBatch.ts';
import type { ForwardModel } from './forwardModel.ts';
import { PromptReader } from './promptReader.ts';

interface ForwardRowsOptions {
  /** Prompt tokens per forward pass. */
  readonly chunk: number;
  readonly contextTokens: number;
}

/** Rows of an ONNX graph. */
export class ForwardRows implements BatchRows {
  readonly #reader: PromptReader;
  readonly #batch: DecodeBatch<Row>;

  constructor(model: ForwardModel, { chunk, contextTokens }: ForwardRowsOptions) {
    this.#reader = new PromptReader(model, { chunk });
    this.#batch = new DecodeBatch<Row>(model, contextTokens);
  }

  hasRoom(): boolean {
    return true;
  }

  async join(row: Row, isAbandoned: () => boolean): Promise<Float32Array | null> {
    const read = await this.#reader.read(row.prompt, row.scales, { isAbandoned, isGiven: row.isGiven });
    if (!read) return null;
    this.#batch.join(row, read.keyValues);
    return read.logits;
  }

  step(): Promise<readonly (readonly [Row, Float32Array])[]> {
    return this.#batch.step();
  }

  leave(row: Row): void {
    this.#batch.leave(row);
  }

  clear(): void {
    this.#batch.clear();
  }
}
