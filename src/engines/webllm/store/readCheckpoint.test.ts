import { describe, expect, it } from 'vitest';
import { exampleCheckpoint } from './exampleCheckpoint.ts';
import { FolderSource } from './folderSource.ts';
import { readLibraryFacts } from './libraryFacts.ts';
import { identityOf, libraryName } from './manifest.ts';
import { type DescribedCheckpoint, readCheckpoint } from './readCheckpoint.ts';

type Files = Map<string, Uint8Array<ArrayBuffer>>;

function read(files: Files): Promise<DescribedCheckpoint> {
  const source = new FolderSource(new Map([...files].map(([name, bytes]) => [name, new Blob([bytes])])));
  return readCheckpoint(source, async () => files.get(libraryName)!);
}

function edit(files: Files, name: string, change: (data: { records: object[] }) => unknown): Files {
  const data = JSON.parse(new TextDecoder().decode(files.get(name))) as { records: object[] };
  return new Map([...files, [name, new TextEncoder().encode(JSON.stringify(change(data)))]]);
}

describe('readCheckpoint', () => {
  it('lists every file with its hash, and does not need the shards for that', async () => {
    const files = await exampleCheckpoint();
    const shards = [...files.keys()].filter((name) => name.endsWith('.bin'));
    for (const name of shards) files.delete(name);
    const { manifest } = await read(files);
    expect(manifest.quantisation).toBe('q4f32_1');
    expect(manifest.files.map(({ path }) => path).sort()).toEqual([...files.keys(), ...shards].sort());
    expect(manifest.files.every(({ sha256, md5 }) => sha256 !== null || md5 !== null)).toBe(true);
  });

  it('takes the SHA-256 of the receipt for the shards, and refuses a small file that does not fit it', async () => {
    const files = await exampleCheckpoint({ hasReceipt: true });
    const { manifest } = await read(files);
    expect(manifest.files.every(({ sha256 }) => sha256 !== null)).toBe(true);
    files.set('tokenizer.json', new TextEncoder().encode('{"version":"1.1"}'));
    await expect(read(files)).rejects.toThrow(/tokenizer\.json was cut or altered/);
  });

  it('gives another identity to any other file', async () => {
    const first = identityOf((await read(await exampleCheckpoint())).manifest);
    const again = identityOf((await read(await exampleCheckpoint())).manifest);
    const other = await exampleCheckpoint();
    other.set('tokenizer.json', new TextEncoder().encode('{}'));
    expect(again).toBe(first);
    expect(identityOf((await read(other)).manifest)).not.toBe(first);
  });

  it.each([
    ['a missing tensor', { tensor: { name: 'other' } }, /tensor t0 is missing/],
    ['a wrong type', { tensor: { dtype: 'float16' } }, /t0 is float16, and the library takes float32/],
    ['a wrong vocabulary', { vocabulary: 33 }, /t0 has the shape 32 x 8, and the library takes 33 x 8/],
    ['a foreign shape', { param: { shape: [64, 8] } }, /library takes 64 x 8/],
    [
      'a tensor outside its shard',
      { tensor: { byteOffset: 4 } },
      /t0 reaches beyond the end of params_shard_0/,
    ],
    ['a library of another quantisation', { library: { quantization: 'q4f16_1' } }, /compiled for q4f16_1/],
  ])('refuses %s before anything large is fetched', async (_, change, sentence) => {
    await expect(read(await exampleCheckpoint(change))).rejects.toThrow(sentence);
  });

  it('refuses what is no checkpoint', async () => {
    const files = await exampleCheckpoint();
    const without = (name: string) => new Map([...files].filter(([other]) => other !== name));
    await expect(read(without('tensor-cache.json'))).rejects.toThrow(
      /There is no tensor-cache\.json in the folder/,
    );
    await expect(read(without('tokenizer.json'))).rejects.toThrow(/There is no tokenizer\.json/);
    const html = new Map(files).set('tensor-cache.json', new TextEncoder().encode('<!doctype html>'));
    await expect(read(html)).rejects.toThrow(/tensor-cache\.json cannot be used: it is not JSON/);
    const other = edit(files, 'mlc-chat-config.json', (config) => ({ ...config, quantization: 'q0f16' }));
    await expect(read(other)).rejects.toThrow(/field quantization/);
    const escaping = edit(files, 'tensor-cache.json', ({ records }) => ({
      records: [{ ...records[0], dataPath: '../x.bin' }],
    }));
    await expect(read(escaping)).rejects.toThrow(/records\.0\.dataPath/);
    const text = new Map(files).set(libraryName, new TextEncoder().encode('<html>'));
    await expect(read(text)).rejects.toThrow(/library is not WebAssembly/);
  });

  it('finds nothing in a library that does not describe itself', () => {
    expect(readLibraryFacts(new Uint8Array(64))).toBeNull();
    expect(readLibraryFacts(new TextEncoder().encode('....{"prefill_chunk_size"'))).toBeNull();
  });
});
