import { EngineError, sentenceOf } from '../../core/errors.ts';
import type { InstalledCheckpoint } from '../../core/model.ts';
import { openBatchDecoder } from './batch/openBatchDecoder.ts';
import type { Decoder } from './decoder.ts';
import type { OpenedCheckpoint } from './openCheckpoint.ts';
import type { SelfTestResult, testPipeline } from './selfTest.ts';
import { SingleDecoder } from './singleDecoder.ts';

/** For the self-test. Batches have a cache of their own, so web-llm's needs no more. */
const testTokens = 64;

export interface DecoderOptions {
  readonly contextTokens: number;
  readonly quantisation: InstalledCheckpoint['quantisation'];
  readonly test: typeof testPipeline;
  /** False: one answer after the other, by web-llm itself. */
  readonly batching: boolean;
  /** Answers decoded at once; without, as many as a short timing finds worthwhile. */
  readonly rows?: number;
  /** The same, at most. */
  readonly maxRows?: number;
}

export interface OpenedDecoder {
  readonly opened: OpenedCheckpoint;
  readonly decoder: Decoder;
  readonly result: SelfTestResult;
  /** Why answers come one at a time although they should not; else null. */
  readonly fault: string | null;
}

/** Opens the model and tests it. `open` opens it with so many tokens of web-llm's own context. */
export async function openDecoder(
  open: (ownTokens: number) => Promise<OpenedCheckpoint>,
  options: DecoderOptions,
): Promise<OpenedDecoder> {
  const { contextTokens, quantisation, test, batching } = options;
  const opened = await open(batching ? testTokens : contextTokens);
  const result = await test(opened.pipeline, quantisation);
  if (!batching) return { opened, result, decoder: singleDecoderOf(opened, contextTokens), fault: null };
  try {
    const decoder = await openBatchDecoder(opened.pipeline, {
      ...opened,
      ...options,
      ...{ bytesPerNumber: quantisation === 'q4f16_1' ? 2 : 4, forks: result.isRight },
    });
    return { opened, result, decoder, fault: null };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    await opened.engine.unload();
    const again = await open(contextTokens);
    const decoder = singleDecoderOf(again, contextTokens);
    return { opened: again, result, decoder, fault: sentenceOf(error) };
  }
}

function singleDecoderOf(opened: OpenedCheckpoint, contextTokens: number): SingleDecoder {
  const { engine, pipeline, rules, stopTexts, watch } = opened;
  return new SingleDecoder(engine, pipeline, { contextTokens, rules, stopTexts, watch });
}
