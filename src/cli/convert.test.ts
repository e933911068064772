import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBfloat16Bits, fromFloat16Bits } from '../checkpoint/floats.ts';
import { headerBytes, parseSafetensors } from '../checkpoint/safetensors.ts';
import { startFakeHub } from './checkpoint/fakeHub.ts';
import { OutputFolder } from './checkpoint/outputFolder.ts';
import {
  type SyntheticShape,
  writeSyntheticAdapter,
  writeSyntheticBase,
} from './checkpoint/syntheticCheckpoint.ts';

const launcher = join(import.meta.dirname, '../../bin/otherself.js');
const timeout = 120_000;
const tiny: SyntheticShape = {
  ...{ vocabulary: 300, hidden: 64, intermediate: 96, layers: 2, heads: 4, keyValueHeads: 2 },
};
const modules = ['q_proj', 'v_proj', 'o_proj', 'gate_proj', 'down_proj'] as const;
let folder = '';
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-convert-'));
  await writeSyntheticBase(at('base'), tiny, { files: 2 });
  await writeSyntheticAdapter(at('persona'), tiny, { rank: 4, alpha: 8, modules });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [launcher, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: at('cache'), HF_TOKEN: '', ...env },
  });
}

async function otherself(args: readonly string[], env: Record<string, string> = {}) {
  const child = start(args, env);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text) => (stdout += String(text)));
  child.stderr?.on('data', (text) => (stderr += String(text)));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout, stderr };
}

const convert = (out: string, ...more: string[]) =>
  otherself(['convert', '--base', 'base', '--adapter', 'persona', '--out', out, ...more]);

async function filesOf(name: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(at(name))).sort();
  return new Map(
    await Promise.all(names.map(async (file) => [file, await readFile(at(name, file))] as const)),
  );
}

async function expectEqualFolders(one: string, other: string) {
  const [a, b] = [await filesOf(one), await filesOf(other)];
  expect([...a.keys()]).toEqual([...b.keys()]);
  for (const [name, bytes] of a)
    expect(bytes.equals(b.get(name)!), `${one} and ${other}: ${name}`).toBe(true);
}

/** A tensor of a safetensors file as float32. */
async function readTensor(path: string, name: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  const header = bytes.subarray(0, headerBytes(bytes, path, bytes.length));
  const { start, end, dtype } = parseSafetensors(header, path, bytes.length).find(
    (one) => one.name === name,
  )!;
  const data = new Uint8Array(bytes.subarray(start, end)).buffer;
  return dtype === 'F32' ? new Float32Array(data) : fromBfloat16Bits(new Uint16Array(data));
}

describe('otherself convert', () => {
  it('writes the folder that the browser loads, and verifies it', { timeout }, async () => {
    const { status, stdout, stderr } = await convert('first');
    expect(stderr).toContain('persona was trained on synthetic');
    expect(stdout).toContain('first holds base with persona in q4f16_1');
    expect(status).toBe(0);
    const files = await filesOf('first');
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['params_shard_0.bin', 'receipt.json', 'tensor-cache.json', 'tokenizer.json']),
    );
    expect(files.get('ndarray-cache.json')!.equals(files.get('tensor-cache.json')!)).toBe(true);
    expect(existsSync(at('first.partial'))).toBe(false);
    expect(await otherself(['verify', 'first'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('are as they were written') as unknown,
    });
  });

  it('gives the same bytes with one thread and with many', { timeout }, async () => {
    await convert('one', '--workers', '1');
    await convert('many', '--workers', '5');
    await expectEqualFolders('one', 'many');
  });

  it('adds scale times B A to the weights', { timeout }, async () => {
    await convert('merged', '--quant', 'q0f16', '--scale', '0.5');
    const source = 'model.layers.0.self_attn.v_proj';
    const weight = await readTensor(at('base/model-00001-of-00002.safetensors'), `${source}.weight`);
    const adapter = at('persona/adapter_model.safetensors');
    const a = await readTensor(adapter, `base_model.model.${source}.lora_A.weight`);
    const b = await readTensor(adapter, `base_model.model.${source}.lora_B.weight`);
    const [rank, columns, rows] = [4, tiny.hidden, 32];
    const cache = JSON.parse(await readFile(at('merged/tensor-cache.json'), 'utf8')) as {
      records: { dataPath: string; records: { name: string; byteOffset: number; nbytes: number }[] }[];
    };
    const shard = cache.records[0]!;
    const { byteOffset, nbytes } = shard.records.find(({ name }) => name.includes('layers.0.self_attn.qkv'))!;
    const bytes = (await readFile(at('merged', shard.dataPath))).subarray(byteOffset, byteOffset + nbytes);
    const stored = fromFloat16Bits(new Uint16Array(new Uint8Array(bytes).buffer)).slice(-rows * columns);
    let worst = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += b[row * rank + k]! * a[k * columns + column]!;
        const index = row * columns + column;
        worst = Math.max(worst, Math.abs(weight[index]! + 0.5 * (8 / 4) * sum - stored[index]!));
      }
    }
    expect(worst).toBeLessThan(2 ** -16); // half a step of float16 at 1/32
    expect(stored.some((value, index) => Math.abs(value - weight[index]!) > 2 ** -12)).toBe(true);
  });

  it(
    'takes several adapters, each with its own scale, and makes the base of scale 0',
    { timeout },
    async () => {
      await otherself(['convert', '--base', 'base', '--out', 'plain', '--quant', 'q4f32_1']);
      await convert('faded', '--quant', 'q4f32_1', '--scale', '0');
      const halves = ['--adapter', 'persona@0.25', '--adapter', 'persona@0.75'];
      await otherself(['convert', '--base', 'base', ...halves, '--out', 'halves', '--quant', 'q0f32']);
      await convert('whole', '--quant', 'q0f32');
      const shard = async (name: string) => (await filesOf(name)).get('params_shard_0.bin')!;
      expect((await shard('faded')).equals(await shard('plain'))).toBe(true);
      const [halved, whole] = [await shard('halves'), await shard('whole')].map((bytes) =>
        fromBfloat16Bits(new Uint16Array(new Uint8Array(bytes).buffer)),
      );
      const difference = Math.max(...halved!.map((value, index) => Math.abs(value - whole![index]!)));
      expect(difference).toBeLessThan(2 ** -12); // a step of bfloat16
      const receipt = JSON.parse(await readFile(at('halves/receipt.json'), 'utf8'));
      expect(receipt.adapters).toMatchObject([{ scale: 0.25 }, { scale: 0.75 }]);
    },
  );

  it('goes on after it was killed, to the same bytes', { timeout }, async () => {
    // Three shards, of which the second and third are at work when the first is done.
    const shape = { ...tiny, vocabulary: 30_000, hidden: 512, intermediate: 2048, layers: 4 };
    await writeSyntheticBase(at('larger'), shape);
    const args = ['convert', '--base', 'larger', '--quant', 'q0f16', '--workers', '1'];
    const child = start([...args, '--out', 'killed']);
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.on('close', (_, signal) => resolve(signal)),
    );
    const journal = at('killed.partial/journal.jsonl');
    const poll = setInterval(() => {
      if (existsSync(journal) && readFileSync(journal, 'utf8').includes('"shard"')) child.kill('SIGKILL');
    }, 2);
    expect(await ended).toBe('SIGKILL');
    clearInterval(poll);
    expect(existsSync(at('killed'))).toBe(false);

    const other = await otherself([...args, '--scale', '1', '--out', 'killed', '--ties', 'away']);
    expect(other.stderr).toContain('is of a conversion with other files or settings');
    expect(other.status).toBe(2);

    const sealed = /"shard":"(\w+\.bin)"/.exec(readFileSync(journal, 'utf8'))![1]!;
    const { mtimeMs } = await stat(at('killed.partial/files', sealed));
    expect((await otherself([...args, '--out', 'killed'])).status).toBe(0);
    // What was finished was not written again.
    expect((await stat(at('killed', sealed))).mtimeMs).toBe(mtimeMs);
    await otherself([...args, '--out', 'whole-larger']);
    await expectEqualFolders('killed', 'whole-larger');
  });

  it('stops at Ctrl-C, and says how to go on', { timeout }, async () => {
    const child = start(['convert', '--base', 'larger', '--out', 'stopped', '--workers', '1']);
    let stdout = '';
    child.stdout?.on('data', (text) => (stdout += String(text)));
    const poll = setInterval(() => {
      if (existsSync(at('stopped.partial/files/params_shard_0.bin'))) {
        clearInterval(poll);
        child.kill('SIGINT');
      }
    }, 2);
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect(stdout).toContain('Paused. Type the same command again to go on.');
    expect(status).toBe(130);
    expect((await otherself(['convert', '--base', 'larger', '--out', 'stopped'])).status).toBe(0);
  });

  it('reads base and adapter from the hub, at their revisions', { timeout }, async () => {
    const files = await filesOf('base');
    const hub = await startFakeHub({ name: 'someone/base', files, token: 'hf_secret' });
    hub.fates.push({ path: /safetensors/, fate: { kind: 'drop', afterBytes: 1000 } });
    const args = ['convert', '--base', 'someone/base', '--adapter', 'persona', '--out', 'from-hub'];
    const env = { HF_ENDPOINT: hub.url };
    const refused = await otherself(args, env);
    expect(refused.stderr).toContain('pass a token by --token or HF_TOKEN');
    expect((await otherself([...args, '--revision', 'v1', '--token', 'hf_secret'], env)).status).toBe(0);
    await hub.close();
    const receipt = JSON.parse(await readFile(at('from-hub/receipt.json'), 'utf8'));
    expect(receipt.base).toMatchObject({ id: 'someone/base', revision: hub.commit });
    const [hubShard, localShard] = [await filesOf('from-hub'), await filesOf('first')].map((found) =>
      found.get('params_shard_0.bin')!,
    );
    expect(hubShard!.equals(localShard!)).toBe(true);
    expect(await readFile(at('from-hub/receipt.json'), 'utf8')).not.toContain('hf_secret');
  });

  it('leaves a finished folder alone', { timeout }, async () => {
    const before = await filesOf('first');
    const { status, stderr } = await convert('first');
    expect(stderr).toContain('first exists and is not empty');
    expect(status).toBe(2);
    expect(await filesOf('first')).toEqual(before);
  });

  it('says that a source changed while it was converted', { timeout }, async () => {
    await cp(at('larger'), at('changing'), { recursive: true });
    const args = ['convert', '--base', 'changing', '--out', 'changed', '--workers', '1'];
    const child = start(args);
    let stderr = '';
    child.stderr?.on('data', (text) => (stderr += String(text)));
    const poll = setInterval(() => {
      if (!existsSync(at('changed.partial/files/params_shard_0.bin'))) return;
      clearInterval(poll);
      child.kill('SIGSTOP');
      utimesSync(at('changing/model.safetensors'), 1, 1);
      child.kill('SIGCONT');
    }, 2);
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toContain('model.safetensors changed while it was converted. Begin anew with --restart.');
    expect(status).toBe(2);
    expect((await otherself(args)).stderr).toContain('with other files or settings');
    expect((await otherself([...args, '--restart'])).status).toBe(0);
  });

  it.each([
    ['pickles', (name: string) => rename(name, /\.safetensors.*/, 'pytorch_model.bin'), 'can run programs'],
    [
      'a missing file',
      (name: string) => rm(at(name, 'model-00002-of-00002.safetensors')),
      'lacks model-00002',
    ],
    ['a cut file', (name: string) => cut(at(name, 'model-00002-of-00002.safetensors')), 'cut'],
    ['no tokenizer', (name: string) => rm(at(name, 'tokenizer.json')), 'holds no tokenizer.json'],
    [
      'NaN',
      (name: string) => poison(at(name, 'model-00001-of-00002.safetensors')),
      'lm_head.weight holds NaN',
    ],
    ['broken JSON', (name: string) => writeFile(at(name, 'config.json'), '{'), 'config.json is not JSON'],
  ])('refuses a base with %s', { timeout }, async (kind, spoil, sentence) => {
    const name = `bad ${kind}`;
    await cp(at('base'), at(name), { recursive: true });
    await spoil(name);
    const { status, stderr } = await otherself(['convert', '--base', name, '--out', 'never']);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('should not');
    expect(status).toBe(2);
    expect(existsSync(at('never'))).toBe(false);
    await rm(at('never.partial'), { recursive: true, force: true });
  });

  it.each([
    [['--base', 'gone'], 'There is no folder gone'],
    [['--base', 'base', '--revision', 'main'], 'which has no revision main'],
    [['--base', 'base', '--adapter', 'base'], 'base holds no adapter_config.json'],
    [['--base', 'base', '--quant', 'q3'], 'Allowed choices are q4f16_1'],
    [['--base', 'base', '--adapter', 'persona@99'], 'Give a number from -10 to 10'],
    [['--base', 'base', '--out', 'base/config.json/x'], 'a part of this path is a file'],
  ])('says what is wrong with %j', { timeout }, async (args, sentence) => {
    const { status, stderr } = await otherself(['convert', '--out', 'never', ...args]);
    expect(stderr).toContain(sentence);
    expect([1, 2]).toContain(status);
    await rm(at('never.partial'), { recursive: true, force: true });
  });

  it('sees beforehand that the disk is too small', async () => {
    const out = await OutputFolder.open(at('huge'), { restart: false, onNote: () => undefined });
    const files = [{ name: 'params_shard_0.bin', bytes: 1e17 }];
    await expect(out.reserve(files)).rejects.toThrow(/GB free, and 100000000\.1 GB are needed/);
    out.close();
  });
});

async function rename(name: string, pattern: RegExp, to: string): Promise<void> {
  for (const file of await readdir(at(name))) if (pattern.test(file)) await rm(at(name, file));
  await writeFile(at(name, to), 'pickled');
}

async function cut(path: string): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - 100));
}

/** The first value of the first tensor becomes a bfloat16 NaN. */
async function poison(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt16LE(0x7fc0, headerBytes(bytes, path, bytes.length));
  await writeFile(path, bytes);
}
