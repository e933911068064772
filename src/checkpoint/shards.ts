/** A tensor as it stands in a shard. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** What the library gets. */
  readonly dtype: 'uint32' | 'float16' | 'float32';
  /** `f32-to-bf16`: float32 stored as bfloat16. */
  readonly format: 'raw' | 'f32-to-bf16';
  /** Bytes as stored. */
  readonly nbytes: number;
}

export interface PlacedTensor extends StoredTensor {
  readonly byteOffset: number;
}

export interface ShardPlan {
  /** params_shard_<n>.bin */
  readonly file: string;
  readonly nbytes: number;
  readonly tensors: readonly PlacedTensor[];
}

/** A shard is closed before it would reach this; a tensor is never cut, so one alone may be larger (tvmjs.py). */
const shardBytes = 32 * 2 ** 20;

/** Lays tensors out as TVM's `dump_tensor_cache` does, in the given order. */
export function planShards(tensors: readonly StoredTensor[]): readonly ShardPlan[] {
  const shards: ShardPlan[] = [];
  let pending: PlacedTensor[] = [];
  let bytes = 0;
  const close = (placed: readonly PlacedTensor[], nbytes: number) => {
    shards.push({ file: `params_shard_${shards.length}.bin`, nbytes, tensors: placed });
  };
  for (const tensor of tensors) {
    if (bytes + tensor.nbytes >= shardBytes) {
      if (2 * tensor.nbytes >= shardBytes) {
        // A large tensor gets its own shard at once; what is pending goes on growing.
        close([{ ...tensor, byteOffset: 0 }], tensor.nbytes);
        continue;
      }
      close(pending, bytes);
      pending = [];
      bytes = 0;
    }
    pending.push({ ...tensor, byteOffset: bytes });
    bytes += tensor.nbytes;
  }
  if (pending.length > 0) close(pending, bytes);
  return shards;
}

interface TensorCacheOptions {
  /** MD5 of each shard, lower-case hex. */
  readonly md5: readonly string[];
  /** Values of the unquantised model. */
  readonly parameters: number;
}

/** The content of tensor-cache.json. */
export function tensorCacheOf(shards: readonly ShardPlan[], { md5, parameters }: TensorCacheOptions): object {
  const tensors = shards.flatMap((shard) => shard.tensors);
  const bytes = tensors.reduce((sum, tensor) => sum + bytesInMemory(tensor), 0);
  return {
    metadata: { ParamSize: tensors.length, ParamBytes: bytes, BitsPerParam: (8 * bytes) / parameters },
    records: shards.map(({ file, nbytes, tensors: placed }, index) => ({
      dataPath: file,
      format: 'raw-shard',
      nbytes,
      records: placed.map(({ name, shape, dtype, format, nbytes: stored, byteOffset }) => ({
        name,
        shape,
        dtype,
        format,
        nbytes: stored,
        byteOffset,
      })),
      md5sum: md5[index],
    })),
  };
}

function bytesInMemory({ format, nbytes }: StoredTensor): number {
  return format === 'f32-to-bf16' ? 2 * nbytes : nbytes;
}
