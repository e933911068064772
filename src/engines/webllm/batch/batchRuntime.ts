import { EngineError } from '../../../core/errors.ts';
import { type Member, missingMembers } from '../missingMembers.ts';

/** An object of the runtime; freed by `dispose`, or with the scope in which it was made. */
export interface RuntimeObject {
  dispose(): void;
}

/** A tensor on the GPU or in the runtime's memory. */
export interface BatchTensor extends RuntimeObject {
  readonly shape: readonly number[];
  view(shape: readonly number[]): BatchTensor;
  copyFrom(source: BatchTensor | ArrayLike<number>): BatchTensor;
  /** Of a tensor in the runtime's memory: a copy. */
  toArray(): ArrayLike<number>;
}

/** A function of the runtime or of a model library. What it gives depends on its name. */
export type RuntimeFunction = ((...args: readonly unknown[]) => unknown) & RuntimeObject;

/**
 * What batches need of a loaded model: TVM's runtime, the library's functions, the weights. web-llm 0.2.86's pipeline
 * has it in private members; another holder of a TVM runtime could stand in.
 */
export interface BatchRuntime {
  readonly tvm: {
    beginScope(): void;
    endScope(): void;
    cpu(): unknown;
    empty(shape: readonly number[], type: string, device: unknown): BatchTensor;
    detachFromCurrentScope<T>(object: T): T;
    /** A number with a type; bare ones go over as floats. */
    scalar(value: number, type: string): unknown;
    makeShapeTuple(shape: readonly number[]): unknown;
    getGlobalFunc(name: string): RuntimeFunction;
  };
  readonly vm: { getFunction(name: string): RuntimeFunction };
  readonly device: { sync(): Promise<void> };
  readonly params: unknown;
  /** Token ids and weights to a tensor of [tokens, hidden]. */
  readonly embed: RuntimeFunction;
  /** Tokens that may be read at once. */
  readonly prefillChunkSize: number;
  readonly fullVocabSize: number;
  readonly tokenizer: { encode(text: string): ArrayLike<number>; decode(ids: Int32Array): string };
  /** Tokens that end an answer. */
  readonly stopTokens: readonly number[];
  /** The checkpoint's conversation template, with what was overridden. */
  readonly conversation: { readonly config: unknown };
  /** The checkpoint's mlc-chat-config.json, with what was overridden. */
  readonly config: unknown;
}

const members: readonly Member[] = [
  ...[
    ...['beginScope', 'endScope', 'cpu', 'empty', 'detachFromCurrentScope'],
    ...['scalar', 'makeShapeTuple', 'getGlobalFunc'],
  ].map((name) => [`tvm.${name}`, 'function'] as const),
  ['vm.getFunction', 'function'],
  ['device.sync', 'function'],
  ['params', 'object'],
  ['embed', 'function'],
  ['prefillChunkSize', 'number'],
  ['fullVocabSize', 'number'],
  ['tokenizer.encode', 'function'],
  ['tokenizer.decode', 'function'],
  ['stopTokens.length', 'number'],
  ['conversation.config', 'object'],
  ['config', 'object'],
];

/** The runtime inside a pipeline. Errors: {@link EngineError} that names what is missing. */
export function batchRuntimeOf(pipeline: object): BatchRuntime {
  const missing = missingMembers(pipeline, members);
  if (missing.length === 0) return pipeline as BatchRuntime;
  throw new EngineError(`web-llm lacks ${missing.join(', ')}.`);
}
