import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeSyntheticAdapter, writeSyntheticBase } from '../src/cli/checkpoint/syntheticCheckpoint.ts';
import { describeMachine, median, peakMemoryMb } from './machine.ts';

const run = promisify(execFile);
const folder = '.cache/bench/convert';
const rounds = 3;
/** Llama 3.1 8B in all but the number of its layers: tensors of the same sizes, 3 GB in bfloat16. */
const shape = {
  ...{ vocabulary: 128_256, hidden: 4096, intermediate: 14_336, layers: 2, heads: 32, keyValueHeads: 8 },
};
const adapter = {
  ...{ rank: 256, alpha: 256 },
  modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
} as const;

interface Round {
  readonly seconds: number;
  readonly peakMb: number | null;
}

/**
 * `otherself convert` against PEFT's merge_and_unload with the same quantisation in torch, in turn, and against the
 * time that the disk alone would take. PEFT_PYTHON names a Python that has torch, transformers and peft; without it
 * only ours is measured.
 */
export async function benchConvert(): Promise<void> {
  console.log(`convert: ${describeMachine()}`);
  const [base, persona, out] = ['base', 'persona', 'out'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await prepare(base, persona);
  const python = process.env.PEFT_PYTHON;
  const ours: Round[] = [];
  const theirs: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    await rm(out, { recursive: true, force: true });
    ours.push(await convert(base, persona, out));
    if (python) theirs.push(await mergeByPeft(python, base, persona));
  }
  const [read, written] = [(await bytesIn(base)) + (await bytesIn(persona)), await bytesIn(out)];
  const disk = await measureDisk(base);
  report('otherself convert', ours);
  if (python) report('PEFT and torch  ', theirs);
  else console.log('  PEFT: not measured; PEFT_PYTHON names a Python with torch, transformers and peft');
  const bound = read / disk.readBytesPerSecond + written / disk.writeBytesPerSecond;
  console.log(
    `  bound: ${bound.toFixed(1)} s for ${gigabytes(read)} GB at ${gigabytes(disk.readBytesPerSecond)} GB/s and ` +
      `${gigabytes(written)} GB at ${gigabytes(disk.writeBytesPerSecond)} GB/s (what the system has in memory reads faster)`,
  );
  await rm(out, { recursive: true, force: true });
}

async function prepare(base: string, persona: string): Promise<void> {
  // Written last, so that what an interrupted run left is written anew.
  if (existsSync(join(persona, 'adapter_config.json'))) return;
  console.log('  writing 3 GB of random weights ...');
  await mkdir(folder, { recursive: true });
  await writeSyntheticBase(base, shape, { files: 3 });
  await writeSyntheticAdapter(persona, shape, adapter);
}

async function convert(base: string, persona: string, out: string): Promise<Round> {
  const startMs = performance.now();
  const args = ['bin/otherself.js', 'convert', '--base', base, '--adapter', persona, '--out', out, '--json'];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = once(child, 'close');
  let peakMb: number | null = null;
  const watch = setInterval(() => {
    peakMb = (child.pid === undefined ? null : peakMemoryMb(child.pid)) ?? peakMb;
  }, 100);
  const [code] = (await ended) as [number];
  clearInterval(watch);
  if (code !== 0) throw new Error(`otherself convert ended with ${code}.`);
  return { seconds: (performance.now() - startMs) / 1000, peakMb };
}

async function mergeByPeft(python: string, base: string, persona: string): Promise<Round> {
  const out = join(folder, 'peft');
  const { stdout } = await run(python, ['bench/peftConvert.py', base, persona, out]);
  await rm(out, { recursive: true });
  const facts = JSON.parse(stdout) as { totalSeconds: number; peakMb: number };
  return { seconds: facts.totalSeconds, peakMb: Math.round(facts.peakMb) };
}

function report(name: string, found: readonly Round[]): void {
  const seconds = found.map((round) => round.seconds);
  const peak = Math.max(...found.map(({ peakMb }) => peakMb ?? NaN));
  const all = seconds.map((value) => value.toFixed(1)).join(', ');
  console.log(`  ${name}  ${median(seconds).toFixed(1)} s (${all}), peak memory ${peak} MB`);
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);

async function bytesIn(path: string): Promise<number> {
  const sizes = (await readdir(path)).map(async (name) => (await stat(join(path, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A gigabyte written and synced, and the base read from beginning to end. */
async function measureDisk(base: string) {
  const path = join(folder, 'disk');
  const piece = new Uint8Array(2 ** 23).fill(1);
  const writing = await open(path, 'w');
  const writeMs = performance.now();
  for (let count = 0; count < 128; count++) await writing.writeFile(piece);
  await writing.sync();
  const writeBytesPerSecond = (128 * piece.length * 1000) / (performance.now() - writeMs);
  await writing.close();
  await rm(path);
  const startMs = performance.now();
  let bytes = 0;
  for (const name of await readdir(base)) {
    const file = await open(join(base, name));
    for (let count = -1; count !== 0; bytes += count) count = (await file.read(piece)).bytesRead;
    await file.close();
  }
  return { writeBytesPerSecond, readBytesPerSecond: (bytes * 1000) / (performance.now() - startMs) };
}
