import { z } from 'zod';
import { CheckpointError } from './checkpointError.ts';

/** `tokenizer_info` of mlc-chat-config.json: web-llm reads it where answers follow a grammar. */
export interface TokenizerInfo {
  readonly token_postproc_method: 'byte_level' | 'byte_fallback';
  readonly prepend_space_in_encode: boolean;
  readonly strip_space_in_decode: boolean;
}

const partSchema = z.looseObject({ type: z.string() });
const schema = z.looseObject({
  added_tokens: z.array(z.looseObject({ content: z.string() })).default([]),
  normalizer: partSchema.extend({ normalizers: z.array(partSchema).optional() }).nullish(),
  decoder: partSchema.extend({ decoders: z.array(partSchema).optional() }).nullish(),
  model: z.looseObject({ vocab: z.unknown() }),
});

export interface TokenizerFacts {
  readonly info: TokenizerInfo;
  /** Different tokens, added ones included; ids may go further. */
  readonly tokens: number;
}

/** Reads a parsed tokenizer.json by the rules of mlc-llm's DetectTokenizerInfo. */
export function readTokenizerFacts(json: unknown): TokenizerFacts {
  if (json === null || json === undefined) {
    throw new CheckpointError(
      'The model has no tokenizer.json. Load its tokenizer with transformers, save it by save_pretrained, ' +
        'and put the files beside the model.',
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new CheckpointError(`tokenizer.json cannot be read: ${z.prettifyError(parsed.error)}`);
  }
  const { added_tokens: added, model } = parsed.data;
  const contents = added.map(({ content }) => content);
  refuseTwice(contents);
  return { info: infoOf(parsed.data), tokens: new Set([...namesOf(model.vocab), ...contents]).size };
}

function infoOf({ decoder, normalizer }: z.infer<typeof schema>): TokenizerInfo {
  const decoders = partsOf(decoder, decoder?.decoders);
  const kinds = decoders.filter(({ type }) => type === 'ByteLevel' || type === 'ByteFallback');
  return {
    // The last one counts, and bytes as tokens are what is assumed of a decoder that names neither.
    token_postproc_method: kinds.at(-1)?.type === 'ByteLevel' ? 'byte_level' : 'byte_fallback',
    prepend_space_in_encode: partsOf(normalizer, normalizer?.normalizers).some(
      ({ type, prepend }) => type === 'Prepend' && prepend === '\u2581',
    ),
    strip_space_in_decode: decoders.some(
      ({ type, content, start, stop }) => type === 'Strip' && content === ' ' && start === 1 && stop === 0,
    ),
  };
}

type Part = z.infer<typeof partSchema>;

function partsOf(whole: Part | null | undefined, parts: readonly Part[] = []): readonly Part[] {
  if (!whole) return [];
  return whole.type === 'Sequence' ? parts : [whole];
}

/** As pairs of token and score in some kinds of tokenizer. */
function namesOf(vocab: unknown): string[] {
  if (Array.isArray(vocab))
    return vocab.map((entry: unknown) => String(Array.isArray(entry) ? entry[0] : entry));
  return vocab !== null && typeof vocab === 'object' ? Object.keys(vocab) : [];
}

function refuseTwice(contents: readonly string[]): void {
  const twice = contents.find((content, index) => contents.indexOf(content) !== index);
  if (twice === undefined) return;
  throw new CheckpointError(
    `tokenizer.json adds the token ${twice} twice, and no reader knows which is meant. Delete one of the two.`,
  );
}
