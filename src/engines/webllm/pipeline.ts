import type { MLCEngine } from '@mlc-ai/web-llm';
import { EngineError } from '../../core/errors.ts';
import type { BatchRuntime, BatchTensor } from './batch/batchRuntime.ts';
import { type Member, missingMembers } from './missingMembers.ts';

/** The private parts of web-llm 0.2.86's pipeline that its own answers and the self-test need. */
export interface Pipeline extends Pick<BatchRuntime, 'device' | 'fullVocabSize' | 'prefillChunkSize'> {
  readonly tvm: Pick<
    BatchRuntime['tvm'],
    'beginScope' | 'endScope' | 'cpu' | 'empty' | 'detachFromCurrentScope'
  >;
  /** Tokens of the answer so far; the one that ended its turn is not among them. */
  readonly outputIds: readonly number[];
  /** Tokens of prompt and answer whose keys and values are computed. */
  readonly filledKVCacheLength: number;
  /** Where web-llm refuses a prompt. It does not count the tokens that stand before the system text. */
  contextWindowSize: number;
  resetChat(): void;
  embedAndForward(chunks: readonly (readonly number[])[], tokens: number): Promise<BatchTensor>;
  getCurRoundDecodingTotalTokens(): number;
}

const members: readonly Member[] = [
  ...['resetChat', 'embedAndForward', 'getCurRoundDecodingTotalTokens'].map(
    (name) => [name, 'function'] as const,
  ),
  ...['fullVocabSize', 'prefillChunkSize', 'filledKVCacheLength', 'contextWindowSize'].map(
    (name) => [name, 'number'] as const,
  ),
  ['tvm', 'object'],
  ['device', 'object'],
  ['outputIds', 'array'],
];

/** The pipeline of the one loaded model. Errors: {@link EngineError} when this web-llm is built otherwise. */
export function pipelineOf(engine: MLCEngine): Pipeline {
  const pipelines = Reflect.get(engine, 'loadedModelIdToPipeline') as unknown;
  const [pipeline] = pipelines instanceof Map ? (pipelines.values() as Iterable<object | undefined>) : [];
  const wrong = pipeline ? missingMembers(pipeline, members) : ['loadedModelIdToPipeline'];
  if (wrong.length === 0) return pipeline as Pipeline;
  throw new EngineError(
    `This version of web-llm lacks ${wrong.join(', ')}. The app needs version 0.2.86: install its packages again.`,
  );
}
