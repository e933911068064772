import type { TokenLogprobs } from '../../core/ports/engine.ts';
import type { AnswerChunk } from '../../protocols/openai/modelServer.ts';

type Choice = AnswerChunk['choices'][number];

/**
 * Collects the log-probabilities that come with an answer's pieces. A server's tokens are known by their text, so a
 * named text is found only where it is one token, and among the likeliest that the server lists.
 */
export class LogprobReader {
  readonly #named: readonly string[];
  readonly #chosen: (number | null)[] = [];
  readonly #rows: (number | null)[][] = [];

  constructor(named: readonly string[]) {
    this.#named = named;
  }

  read(choice: Choice | undefined): void {
    for (const { logprob, top_logprobs = [] } of choice?.logprobs?.content ?? []) {
      this.#chosen.push(numberOf(logprob));
      this.#rows.push(
        this.#named.map((text) => numberOf(top_logprobs.find(({ token }) => token === text)?.logprob)),
      );
    }
  }

  /** Undefined when the server told none. */
  get told(): TokenLogprobs | undefined {
    if (this.#chosen.length === 0) return undefined;
    const named = this.#named.map((_, index) => this.#rows.map((row) => row[index] ?? null));
    return { chosen: this.#chosen, named };
  }
}

/** vLLM writes -9999 for a probability of zero. */
function numberOf(value: unknown): number | null {
  return typeof value === 'number' && value > -9999 ? value : null;
}
