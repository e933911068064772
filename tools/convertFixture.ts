import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { newestMs } from './isBuildStale.ts';
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

/** Converts the tiny trained checkpoints as a user would, for tests that run them; not again when nothing changed. */
export default async function convertFixture(): Promise<void> {
  const sources = [fixture, 'src/checkpoint', 'src/cli/checkpoint', 'src/cli/convert.ts'];
  const changedMs = Math.max(...(await Promise.all(sources.map(newestMs))));
  const convertedMs = await stat(target).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (convertedMs > changedMs) return;
  // Made aside, so that tests that run at the same time never see half of it.
  const made = `${target}.${process.pid}`;
  await mkdir(made, { recursive: true });
  await Promise.all(checkpoints.map((checkpoint) => convert(checkpoint, made)));
  await rm(target, { recursive: true, force: true });
  await rename(made, target);
}

async function convert({ name, base, adapter }: (typeof checkpoints)[number], made: string): Promise<void> {
  const out = join(made, name);
  const { ok, output } = await runCommand([
    'tsx',
    ...['src/cli/main.ts', 'convert', '--base', join(fixture, base)],
    ...(adapter ? ['--adapter', join(fixture, adapter)] : []),
    ...['--quant', 'q4f32_1', '--out', out, '--workers', '1'],
  ]);
  if (!ok) throw new Error(`The fixture ${name} could not be converted:\n${output}`);
  await copyFile(join(fixture, 'library/llama-128x3-q4f32_1.wasm'), join(out, 'library.wasm'));
}
