import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReceipt, writeReceipt } from '../checkpoint/receipt.ts';
import { verifyCheckpoint } from '../checkpoint/verifyCheckpoint.ts';
import { hashFile } from './checkpoint/sealFile.ts';
import { writeSyntheticAdapter, writeSyntheticBase } from './checkpoint/syntheticCheckpoint.ts';

const launcher = join(import.meta.dirname, '../../bin/otherself.js');
const timeout = 120_000;
let folder = '';

function otherself(...args: string[]) {
  return spawnSync(process.execPath, [launcher, ...args], { cwd: folder, encoding: 'utf8' });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-verify-'));
  const shape = {
    ...{ vocabulary: 64, hidden: 32, intermediate: 64, layers: 1, heads: 2, keyValueHeads: 1 },
  };
  await writeSyntheticBase(join(folder, 'base'), shape);
  const modules = ['q_proj'] as const;
  await writeSyntheticAdapter(join(folder, 'persona'), shape, { rank: 2, alpha: 2, modules });
  const args = ['convert', '--base', 'base', '--adapter', 'persona', '--quant', 'q4f32_1', '--out', 'good'];
  expect(otherself(...args)).toMatchObject({ status: 0 });
}, timeout);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(name: string): Promise<readonly string[]> {
  const path = join(folder, name);
  const names = await readdir(path);
  const sizes = await Promise.all(
    names.map(async (file) => [file, (await stat(join(path, file))).size] as const),
  );
  const { problems } = await verifyCheckpoint({
    files: new Map(sizes),
    readText: (file) => readFile(join(path, file), 'utf8'),
    hash: (file) => hashFile(join(path, file)),
  });
  return problems;
}

/** A copy of the good folder to spoil. */
async function copy(name: string): Promise<(file: string) => string> {
  await cp(join(folder, 'good'), join(folder, name), { recursive: true });
  return (file) => join(folder, name, file);
}

/** Changes the tensor list and makes receipt and older list fit it again, so that only the structure is wrong. */
async function forge(name: string, change: (text: string) => string): Promise<readonly string[]> {
  const at = await copy(name);
  const text = await readFile(at('tensor-cache.json'), 'utf8');
  expect(change(text)).not.toBe(text);
  for (const file of ['tensor-cache.json', 'ndarray-cache.json']) await writeFile(at(file), change(text));
  const read = readReceipt(await readFile(at('receipt.json'), 'utf8'));
  if ('problem' in read) throw new Error(read.problem);
  const files = await Promise.all(
    read.receipt.files.map(async (file) => ({
      ...{ name: file.name, bytes: (await stat(at(file.name))).size },
      sha256: (await hashFile(at(file.name))).sha256,
    })),
  );
  await writeFile(at('receipt.json'), writeReceipt({ ...read.receipt, files }));
  return check(name);
}

describe('otherself verify', () => {
  it('finds nothing in a good folder', async () => {
    expect(await check('good')).toEqual([]);
  });

  it('finds any byte that was altered, and names its file', { timeout }, async () => {
    const at = await copy('flipped');
    const names = await readdir(join(folder, 'flipped'));
    const flips = fc.record({
      name: fc.constantFrom(...names),
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      mask: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(flips, async ({ name, place, mask }) => {
        const good = await readFile(at(name));
        const bad = Buffer.from(good);
        const index = Math.floor(place * bad.length);
        bad[index] = (bad[index] ?? 0) ^ mask;
        await writeFile(at(name), bad);
        const problems = await check('flipped');
        await writeFile(at(name), good);
        expect(problems.join('\n')).toContain(name);
      }),
      { numRuns: 300 },
    );
    expect(await check('flipped')).toEqual([]);
  });

  it('finds a receipt whose meaning stayed and whose bytes did not', async () => {
    const at = await copy('spaced');
    await writeFile(at('receipt.json'), `${await readFile(at('receipt.json'), 'utf8')} `);
    expect(await check('spaced')).toEqual(['receipt.json was altered: its seal does not fit.']);
  });

  it('names what is missing, cut and too much', async () => {
    const at = await copy('uneven');
    await rm(at('tokenizer.json'));
    await writeFile(at('notes.txt'), 'mine');
    const { size } = await stat(at('params_shard_0.bin'));
    await writeFile(at('params_shard_0.bin'), (await readFile(at('params_shard_0.bin'))).subarray(1));
    expect(await check('uneven')).toEqual([
      'tokenizer.json is missing.',
      'notes.txt is not in the receipt.',
      `params_shard_0.bin has ${size - 1} bytes, and the receipt says ${size}.`,
    ]);
  });

  it.each([
    ['a range', /"byteOffset": [1-9]\d*/, '"byteOffset": 4', 'does not begin where the one before it ends'],
    ['an MD5', /"md5sum": "../, '"md5sum": "zz', 'has another MD5 than tensor-cache.json says'],
    ['a type', /"dtype": "uint32"/, '"dtype": "float32"', 'is float32'],
    [
      'a name',
      /"model.norm.weight"/,
      '"model.norm.bias"',
      'model.norm.weight is missing from tensor-cache.json',
    ],
    ['a size', /"nbytes": 64,/, '"nbytes": 60,', 'has a size that does not fit its shape'],
    ['a shard', /params_shard_0/, 'params_shard_7', 'params_shard_7.bin, which is not in the receipt'],
  ])('finds %s that is wrong in a list whose hash is right', async (kind, pattern, text, sentence) => {
    const problems = await forge(`forged ${kind}`, (list) => list.replace(pattern, text));
    expect(problems.join('\n')).toContain(sentence);
  });

  it('says it on the command line', { timeout }, async () => {
    const at = await copy('broken');
    await writeFile(at('tokenizer.json'), '{}');
    expect(otherself('verify', 'broken')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        /tokenizer\.json has 2 bytes.*\nbroken is not as it was written/s,
      ) as unknown,
    });
    expect(JSON.parse(otherself('verify', 'good', '--json').stdout)).toMatchObject({
      ok: true,
      problems: [],
    });
    expect(otherself('verify', 'base').stdout).toContain('There is no receipt.json');
    expect(otherself('verify', 'gone').stderr).toContain('there is no such folder');
  });
});
