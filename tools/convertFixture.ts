import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './runCommand.ts';

const fixture = 'models/webllm/fixture';
/** Where tests find the converted checkpoints, each with its library beside it. */
const target = '.cache/webllm';

const checkpoints = [
  { name: 'base', base: 'base' },
  { name: 'persona', base: 'base', adapter: 'adapter' },
  { name: 'mistral-base', base: 'mistral-base' },
  { name: 'mistral-persona', base: 'mistral-base', adapter: 'mistral-adapter' },
];

/** Converts the tiny trained checkpoints as a user would, for tests that run them. */
export default async function convertFixture(): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const { name, base, adapter } of checkpoints) {
    const out = join(target, name);
    const { ok, output } = await runCommand([
      'tsx',
      ...['src/cli/main.ts', 'convert', '--base', join(fixture, base)],
      ...(adapter ? ['--adapter', join(fixture, adapter)] : []),
      ...['--quant', 'q4f32_1', '--out', out, '--workers', '1'],
    ]);
    if (!ok) throw new Error(`The fixture ${name} could not be converted:\n${output}`);
    await copyFile(join(fixture, 'library/llama-128x3-q4f32_1.wasm'), join(out, 'library.wasm'));
  }
}
