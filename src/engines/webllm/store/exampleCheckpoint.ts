import { md5Of, sha256Of } from '../../fileHashes.ts';
import { libraryName } from './manifest.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const encode = (text: string): Bytes => new TextEncoder().encode(text);
const encodeJson = (value: unknown): Bytes => encode(JSON.stringify(value));

/** A library as far as anyone reads it without a GPU: WebAssembly's first bytes, and the text of `_metadata`. */
function exampleLibrary(params: readonly unknown[], change: object = {}): Bytes {
  const facts = encodeJson({
    ...{ model_type: 'llama', quantization: 'q4f32_1', prefill_chunk_size: 256, params },
    ...change,
  });
  const bytes = new Uint8Array(16 + facts.length);
  bytes.set([0, 0x61, 0x73, 0x6d, 1]);
  new DataView(bytes.buffer).setUint32(8, facts.length, true);
  bytes.set(facts, 16);
  return bytes;
}

interface ExampleChange {
  readonly vocabulary?: number;
  readonly tensor?: object;
  readonly param?: object;
  readonly library?: object;
  readonly hasReceipt?: boolean;
}

/** The files of a checkpoint whose parts fit each other: four shards of one tensor each, 4 kB in all. */
export async function exampleCheckpoint(change: ExampleChange = {}): Promise<Map<string, Bytes>> {
  const files = new Map<string, Bytes>();
  const records = [0, 1, 2, 3].map((shard) => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, index) => (index * 31 + shard * 97) % 256);
    files.set(`params_shard_${shard}.bin`, bytes);
    const tensor = {
      ...{ name: `t${shard}`, shape: [32, 8], dtype: 'float32', format: 'raw', nbytes: 1024, byteOffset: 0 },
      ...(shard === 0 && change.tensor),
    };
    const md5sum = md5Of(bytes);
    return {
      dataPath: `params_shard_${shard}.bin`,
      format: 'raw-shard',
      nbytes: 1024,
      md5sum,
      records: [tensor],
    };
  });
  const params = [0, 1, 2, 3].map((shard) => ({
    ...{ name: `t${shard}`, shape: ['vocab_size', 8], dtype: 'float32' },
    ...(shard === 0 && change.param),
  }));
  files.set('tensor-cache.json', encodeJson({ metadata: {}, records }));
  const config = {
    quantization: 'q4f32_1',
    vocab_size: change.vocabulary ?? 32,
    tokenizer_files: ['tokenizer.json'],
  };
  files.set('mlc-chat-config.json', encodeJson(config));
  files.set('tokenizer.json', encodeJson({ version: '1.0' }));
  files.set(libraryName, exampleLibrary(params, change.library));
  if (change.hasReceipt) files.set('receipt.json', await exampleReceipt(files));
  return files;
}

async function exampleReceipt(files: ReadonlyMap<string, Bytes>): Promise<Bytes> {
  const listed = [...files].filter(([name]) => name !== libraryName);
  const hashes = listed.map(async ([name, bytes]) => ({
    ...{ name, bytes: bytes.length },
    sha256: await sha256Of(bytes),
  }));
  return encodeJson({ format: 'otherself-checkpoint/1', files: await Promise.all(hashes) });
}
