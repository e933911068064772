import type { Message } from '../../core/ports/engine.ts';
import type { DecodeToken } from './answer.ts';

/** What the batcher needs to know of a model's text side. */
export interface PromptFormat {
  /** Token ids of a conversation, ready for the answer. */
  readonly encode: (messages: readonly Message[]) => readonly number[];
  /** Token ids of a text as an answer has it, from its beginning. */
  readonly encodeText: (text: string) => readonly number[];
  /** For the tokens of one answer. */
  readonly startDecoding: () => DecodeToken;
  /** Texts that end an answer of this model, whatever the request says. */
  readonly stopTexts: readonly string[];
  readonly endTokens: ReadonlySet<number>;
  readonly contextTokens: number;
  /** The adapters that the model has, in its input order. */
  readonly adapterIds: readonly string[];
}
