import { EngineError, sentenceOf } from '../../../core/errors.ts';
import { Batcher } from '../../batching/batcher.ts';
import type { Decoder } from '../decoder.ts';
import type { SingleDecoderOptions } from '../singleDecoder.ts';
import { type BatchRuntime, batchRuntimeOf } from './batchRuntime.ts';
import { chooseCacheSize, measureRows } from './chooseRows.ts';
import { startDecoding } from './startDecoding.ts';
import { encoderOf } from './encodeRequest.ts';
import { SequenceRows } from './sequenceRows.ts';
import { Sequences } from './sequences.ts';

export interface BatchOptions extends SingleDecoderOptions {
  /** Of a stored key or value. */
  readonly bytesPerNumber: number;
  /** Whether the GPU merges the parts of a prompt rightly. Without, every row reads its prompt alone. */
  readonly forks: boolean;
  /** Rows at most; without, as many as there is memory for. */
  readonly maxRows?: number | undefined;
  /** So many rows, without a timing; fewer where there is no memory for them. */
  readonly rows?: number | undefined;
}

export interface BatchDecoder extends Decoder {
  readonly sequences: Sequences;
  /** Frees the prompts that are kept for requests to come. */
  forgetPrompts(): void;
}

/**
 * Decodes several answers at once with the model of a loaded pipeline.
 * Errors: {@link EngineError} when web-llm or the library lacks what is needed for it, {@link EngineLostError}.
 */
export async function openBatchDecoder(pipeline: object, options: BatchOptions): Promise<BatchDecoder> {
  const { contextTokens, forks, stopTexts, watch } = options;
  const runtime = batchRuntimeOf(pipeline);
  const { sequences, limit, encode, encodeText } = prepare(runtime, options);
  const vocabulary = runtime.fullVocabSize;
  const measured = options.rows ? limit : measureRows(sequences, { limit, vocabulary, forks });
  const concurrency = await Promise.race([measured, watch.failure]);
  const rows = new SequenceRows(sequences, {
    ...{ contextTokens, forks, keptPrompts: concurrency, chunk: runtime.prefillChunkSize },
  });
  const format = {
    ...{
      encode,
      encodeText,
      contextTokens,
      stopTexts,
      adapterIds: [],
      endTokens: new Set(runtime.stopTokens),
    },
    startDecoding: () => startDecoding((ids) => runtime.tokenizer.decode(ids)),
  };
  const batcher = new Batcher(rows, format, { maxRows: concurrency });
  watch.failure.catch(() => watch.lost && batcher.close(watch.lost));
  return {
    ...{ concurrency, sequences },
    generate: (...asked) => batcher.generate(...asked),
    score: (...asked) => batcher.score(...asked),
    forgetPrompts: () => rows.forgetPrompts(),
  };
}

function prepare(runtime: BatchRuntime, { rows, maxRows = rows, ...options }: BatchOptions) {
  try {
    const encodeText = (text: string) => Array.from(runtime.tokenizer.encode(text));
    const encode = encoderOf(runtime, options.rules);
    const { contextTokens, bytesPerNumber } = options;
    const size = chooseCacheSize(runtime.config, {
      ...{ contextTokens, bytesPerNumber },
      ...(maxRows !== undefined && { maxRows }),
    });
    // Each row may have a prompt of its own, which is kept.
    const sequences = new Sequences(runtime, { sequences: 2 * size.rows, tokens: size.tokens });
    return { encode, encodeText, sequences, limit: size.rows };
  } catch (error) {
    throw new EngineError(`The model has no functions for batches (${sentenceOf(error)}).`, { cause: error });
  }
}
