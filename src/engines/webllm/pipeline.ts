import type { MLCEngine } from '@mlc-ai/web-llm';
import { EngineError } from '../../core/errors.ts';

/** A tensor of web-llm's runtime. */
export interface RuntimeTensor {
  view(shape: readonly number[]): RuntimeTensor;
  copyFrom(source: RuntimeTensor): RuntimeTensor;
  toArray(): ArrayLike<number>;
  dispose(): void;
}

/** The private parts of web-llm 0.2.86's pipeline that are used here. */
export interface Pipeline {
  readonly tvm: {
    beginScope(): void;
    endScope(): void;
    cpu(): unknown;
    empty(shape: readonly number[], type: string, device: unknown): RuntimeTensor;
    detachFromCurrentScope<T>(tensor: T): T;
  };
  readonly device: { sync(): Promise<void> };
  readonly fullVocabSize: number;
  readonly prefillChunkSize: number;
  /** Tokens of the answer so far; the one that ended its turn is not among them. */
  readonly outputIds: readonly number[];
  /** Tokens of prompt and answer whose keys and values are computed. */
  readonly filledKVCacheLength: number;
  /** Where web-llm refuses a prompt. It does not count the tokens that stand before the system text. */
  contextWindowSize: number;
  resetChat(): void;
  embedAndForward(chunks: readonly (readonly number[])[], tokens: number): Promise<RuntimeTensor>;
  getCurRoundDecodingTotalTokens(): number;
}

const functions = ['resetChat', 'embedAndForward', 'getCurRoundDecodingTotalTokens'];
const numbers = ['fullVocabSize', 'prefillChunkSize', 'filledKVCacheLength', 'contextWindowSize'];

/** The pipeline of the one loaded model. Errors: {@link EngineError} when this web-llm is built otherwise. */
export function pipelineOf(engine: MLCEngine): Pipeline {
  const pipelines = Reflect.get(engine, 'loadedModelIdToPipeline') as unknown;
  const [pipeline] = pipelines instanceof Map ? (pipelines.values() as Iterable<object | undefined>) : [];
  const wrong = pipeline ? wrongMembers(pipeline) : ['loadedModelIdToPipeline'];
  if (wrong.length === 0) return pipeline as Pipeline;
  throw new EngineError(
    `This version of web-llm lacks ${wrong.join(', ')}. The app needs version 0.2.86: install its packages again.`,
  );
}

function wrongMembers(pipeline: object): string[] {
  const member = (name: string): unknown => Reflect.get(pipeline, name);
  return [
    ...functions.filter((name) => typeof member(name) !== 'function'),
    ...numbers.filter((name) => typeof member(name) !== 'number'),
    ...['tvm', 'device'].filter((name) => typeof member(name) !== 'object'),
    ...['outputIds'].filter((name) => !Array.isArray(member(name))),
  ];
}
