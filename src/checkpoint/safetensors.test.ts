import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from './checkpointError.ts';
import { headerBytes, parseSafetensors, parseSafetensorsIndex } from './safetensors.ts';

/** A file of a header and so many bytes of data. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const parse = (file: Uint8Array, fileBytes = file.length) =>
  parseSafetensors(
    file.subarray(0, headerBytes(file, 'a.safetensors', fileBytes)),
    'a.safetensors',
    fileBytes,
  );

const two = {
  __metadata__: { format: 'pt' },
  second: { dtype: 'F32', shape: [2], data_offsets: [12, 20] },
  first: { dtype: 'BF16', shape: [2, 3], data_offsets: [0, 12] },
};

describe('parseSafetensors', () => {
  it('gives tensors in the order of their bytes, with places in the file', () => {
    const file = fileOf(JSON.stringify(two), 20);
    const start = file.length - 20;
    expect(parse(file)).toEqual([
      { name: 'first', file: 'a.safetensors', dtype: 'BF16', shape: [2, 3], start, end: start + 12 },
      { name: 'second', file: 'a.safetensors', dtype: 'F32', shape: [2], start: start + 12, end: start + 20 },
    ]);
  });

  const { first, second } = two;
  it.each([
    ['cut in its data', JSON.stringify(two), 19, /a\.safetensors is cut.*Fetch it again/],
    ['with bytes after the last tensor', JSON.stringify(two), 21, /1 bytes after its last tensor/],
    [
      'with a gap',
      JSON.stringify({ first, second: { ...second, data_offsets: [14, 22] } }),
      22,
      /second begin/,
    ],
    [
      'with an overlap',
      JSON.stringify({ first, second: { ...second, data_offsets: [8, 16] } }),
      16,
      /second begin/,
    ],
    [
      'of another type',
      JSON.stringify({ first: { ...first, dtype: 'I8' } }),
      12,
      /first in a\.safetensors.*I8/,
    ],
    [
      'with a wrong size',
      JSON.stringify({ first: { ...first, shape: [2, 4] } }),
      12,
      /first .* 12 bytes .* 16/,
    ],
    ['without offsets', JSON.stringify({ first: { dtype: 'F32', shape: [1] } }), 4, /entry of first/],
    [
      'that names a tensor twice',
      `{"x":${JSON.stringify(first)},"x":${JSON.stringify(second)}}`,
      20,
      /x begin/,
    ],
    ['whose header is no JSON', '{"first":', 0, /header is not JSON/],
    ['whose header is a list', '[]', 0, /not an object/],
  ])('refuses a file %s', (_, header, dataBytes, message) => {
    const file = fileOf(header, dataBytes);
    expect(() => parse(file)).toThrow(CheckpointError);
    expect(() => parse(file)).toThrow(message);
  });

  it('refuses what is something else', () => {
    const page = new TextEncoder().encode('<!doctype html><html>');
    expect(() => headerBytes(page, 'a.safetensors', page.length)).toThrow(/not a safetensors file/);
    expect(() => headerBytes(new Uint8Array(3), 'a.safetensors', 3)).toThrow(/fewer than 8 bytes/);
    const file = fileOf('{}', 0);
    expect(() => headerBytes(file, 'a.safetensors', 9)).toThrow(/cut: its header ends at byte 10/);
  });

  it('answers anything by tensors or by a CheckpointError', () => {
    const offsets = fc.array(fc.oneof(fc.nat(64), fc.double(), fc.constant(-1)), { maxLength: 3 });
    const entry = fc.oneof(
      fc.record({
        dtype: fc.constantFrom('F32', 'BF16', 'F8_E4M3', '__proto__'),
        shape: offsets,
        data_offsets: offsets,
      }),
      fc.jsonValue(),
    );
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', '__metadata__', 'constructor'));
    const header = fc.oneof(
      fc.array(fc.tuple(name, entry)).map((entries) => JSON.stringify(Object.fromEntries(entries))),
      fc.json(),
      fc.string(),
    );
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(header, fc.nat(64), damage, fc.nat(100), (text, dataBytes, changes, cut) => {
        const file = fileOf(text, dataBytes);
        for (const [place, value] of changes) file[place % file.length] = value;
        const part = file.subarray(0, Math.max(0, file.length - cut));
        expectOnlyCheckpointErrors(() => parse(part));
      }),
      { numRuns: 2000 },
    );
  });
});

function expectOnlyCheckpointErrors(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message.length).toBeGreaterThan(20);
  }
}

describe('parseSafetensorsIndex', () => {
  it('keeps the order of the index', () => {
    const index = parseSafetensorsIndex(
      { weight_map: { b: '2.safetensors', a: '1.safetensors' } },
      'index.json',
    );
    expect([...index]).toEqual([
      ['b', '2.safetensors'],
      ['a', '1.safetensors'],
    ]);
  });

  it('refuses names that lead elsewhere, and what is no index', () => {
    for (const name of ['../x.safetensors', 'C:\\x.safetensors', 'model.bin'])
      expect(() => parseSafetensorsIndex({ weight_map: { a: name } }, 'index.json')).toThrow(/index\.json/);
    fc.assert(
      fc.property(fc.jsonValue(), (json) =>
        expectOnlyCheckpointErrors(() => parseSafetensorsIndex(json, 'i.json')),
      ),
    );
  });
});
