import type { BatchRuntime, BatchTensor, RuntimeFunction, RuntimeObject } from './batchRuntime.ts';

/** Positions in a page of keys and values. */
export const pageTokens = 16;

interface SequencesOptions {
  /** Sequences that may live at once. */
  readonly sequences: number;
  /** Positions of all sequences together; what forks share counts once. */
  readonly tokens: number;
}

/** A result of the library: logits first, then the cache. */
interface Result extends RuntimeObject {
  get(index: number): BatchTensor;
}

/** Names of TVM's functions on a cache. */
const stateFunctions = {
  add: 'vm.builtin.kv_state_add_sequence',
  remove: 'vm.builtin.kv_state_remove_sequence',
  fork: 'vm.builtin.kv_state_fork_sequence',
  begin: 'vm.builtin.kv_state_begin_forward',
  end: 'vm.builtin.kv_state_end_forward',
  free: 'vm.builtin.attention_kv_cache_get_num_available_pages',
} as const;

type StateFunctions = Record<keyof typeof stateFunctions, RuntimeFunction>;

/**
 * Sequences with a paged cache of their own, beside web-llm's. A C++ error ends the runtime, so nobody may ask for
 * more pages than there are.
 */
export class Sequences {
  readonly #runtime: BatchRuntime;
  readonly #state: StateFunctions;
  readonly #decode: RuntimeFunction;
  readonly #prefill: RuntimeFunction;
  readonly #cache: RuntimeObject;
  #nextId = 0;

  /** Throws when the library has no functions for batches. */
  constructor(runtime: BatchRuntime, { sequences, tokens }: SequencesOptions) {
    const { tvm, vm } = runtime;
    this.#runtime = runtime;
    tvm.beginScope();
    try {
      const keep = <T>(object: T): T => tvm.detachFromCurrentScope(object);
      const names = Object.entries(stateFunctions);
      this.#state = Object.fromEntries(
        names.map(([key, name]) => [key, keep(tvm.getGlobalFunc(name))]),
      ) as StateFunctions;
      this.#decode = keep(vm.getFunction('batch_decode'));
      this.#prefill = keep(vm.getFunction('batch_prefill'));
      const sizes = [sequences, tokens, runtime.prefillChunkSize, pageTokens, 0];
      const create = vm.getFunction('create_tir_paged_kv_cache');
      this.#cache = keep(create(...sizes.map((size) => tvm.makeShapeTuple([size]))) as RuntimeObject);
    } finally {
      tvm.endScope();
    }
  }

  get freePages(): number {
    return Number(this.#state.free(this.#cache));
  }

  /** A new empty sequence. */
  add(): number {
    this.#state.add(this.#cache, this.#int64(this.#nextId));
    return this.#nextId++;
  }

  /** A new sequence with all that `parent` has; full pages are shared. */
  fork(parent: number): number {
    this.#state.fork(this.#cache, this.#int64(parent), this.#int64(this.#nextId), this.#int64(-1));
    return this.#nextId++;
  }

  remove(sequence: number): void {
    this.#state.remove(this.#cache, this.#int64(sequence));
  }

  /** Reads at most a chunk of tokens. Gives the logits after the last. */
  read(sequence: number, tokens: readonly number[]): Promise<Float32Array> {
    // As web-llm does: a library's kernels for prompts need two tokens.
    if (tokens.length === 1) return this.step([sequence], tokens);
    return this.#forward([sequence], [tokens.length], tokens, (embedded) => {
      const { tvm, device, params } = this.#runtime;
      const last = tvm.empty([1], 'int32', device).copyFrom([tokens.length - 1]);
      return this.#prefill(
        embedded.view([1, tokens.length, embedded.shape[1] as number]),
        last,
        this.#cache,
        params,
      );
    });
  }

  /** Reads one token of each sequence. Gives a row of logits for each, one after the other. */
  step(sequences: readonly number[], tokens: readonly number[]): Promise<Float32Array> {
    const lengths = sequences.map(() => 1);
    return this.#forward(sequences, lengths, tokens, (embedded) =>
      this.#decode(
        embedded.view([sequences.length, 1, embedded.shape[1] as number]),
        this.#cache,
        this.#runtime.params,
      ),
    );
  }

  dispose(): void {
    for (const object of [this.#cache, this.#decode, this.#prefill, ...Object.values(this.#state)])
      object.dispose();
  }

  async #forward(
    sequences: readonly number[],
    lengths: readonly number[],
    tokens: readonly number[],
    run: (embedded: BatchTensor) => unknown,
  ): Promise<Float32Array> {
    const { tvm, device, embed, params, fullVocabSize } = this.#runtime;
    const shape = [sequences.length, fullVocabSize];
    tvm.beginScope();
    let host;
    try {
      const ids = tvm.empty([tokens.length], 'int32', device).copyFrom(tokens);
      const embedded = embed(ids, params) as BatchTensor;
      this.#state.begin(this.#cache, tvm.makeShapeTuple(sequences), tvm.makeShapeTuple(lengths));
      const result = run(embedded) as Result;
      this.#state.end(this.#cache);
      const logits = result.get(0).view(shape);
      host = tvm.detachFromCurrentScope(tvm.empty(shape, 'float32', tvm.cpu()).copyFrom(logits));
    } finally {
      tvm.endScope();
    }
    await device.sync();
    const values = host.toArray() as Float32Array;
    host.dispose();
    return values;
  }

  #int64(value: number): unknown {
    return this.#runtime.tvm.scalar(value, 'int64');
  }
}
