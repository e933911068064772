import type { ContinuationScore } from '../../core/ports/engine.ts';
import type { Row } from './batchRows.ts';
import { logSoftmax } from './logSoftmax.ts';

/** A row whose tokens are given: it only asks how likely they are. */
export class Continuation implements Row {
  readonly prompt: readonly number[];
  readonly scales: readonly number[];
  readonly maxTokens: number;
  readonly isGiven = true;
  length: number;
  readonly #tokens: readonly number[];
  readonly #logprobs: number[] = [];

  /** `tokens`: at least one; the last is never read by the model. */
  constructor(prompt: readonly number[], tokens: readonly number[], scales: readonly number[]) {
    this.prompt = prompt;
    this.length = prompt.length;
    this.scales = scales;
    this.maxTokens = tokens.length;
    this.#tokens = tokens;
  }

  get token(): number {
    return this.#tokens[this.#logprobs.length - 1] as number;
  }

  get finished(): boolean {
    return this.#logprobs.length === this.#tokens.length;
  }

  accept(logits: Float32Array): void {
    this.#logprobs.push(...logSoftmax(logits, [this.#tokens[this.#logprobs.length] as number]));
  }

  result(): ContinuationScore {
    const logprob = this.#logprobs.reduce((sum, value) => sum + value, 0);
    return { logprob, tokenLogprobs: this.#logprobs };
  }
}
