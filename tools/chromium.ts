import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/** How to start a Chromium that is on this machine. */
export interface ChromiumLaunch {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

// No sandbox: tests run as root in containers. The rest keeps the browser from calling home.
const commonArgs = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Runs WebGPU in software, on machines without a GPU. */
export const softwareGpuArgs = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];

const installedNames = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser'];
const installedPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** $CHROME_PATH, else an installed Chrome or Chromium, else the one inside @sparticuz/chromium (Linux, x64). */
export async function findChromium(): Promise<ChromiumLaunch> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const installed = process.env.CHROME_PATH ?? findInstalled();
  if (installed) return { executablePath: installed, args: commonArgs, env };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('No Chrome or Chromium was found. Install one, or set CHROME_PATH to its program file.');
  }
  const { default: packaged } = await import('@sparticuz/chromium');
  const libraries = [await unpackLibraries(), env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    executablePath: await packaged.executablePath(),
    args: commonArgs,
    env: { ...env, LD_LIBRARY_PATH: libraries },
  };
}

function findInstalled(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    ...folders.flatMap((folder) => installedNames.map((name) => join(folder, name))),
    ...installedPaths,
  ];
  return candidates.find((path) => existsSync(path));
}

/** The shared libraries that a bare machine lacks; the package ships them packed. */
async function unpackLibraries(): Promise<string> {
  const target = join(tmpdir(), 'otherself-chromium-libraries');
  if (existsSync(target)) return join(target, 'lib');
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packed = resolve(dirname(entry), '../../bin/al2023.tar.br');
  const partial = `${target}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  const archive = join(partial, 'libraries.tar');
  await writeFile(archive, await promisify(brotliDecompress)(await readFile(packed)));
  await promisify(execFile)('tar', ['-xf', archive, '-C', partial]);
  // Another process may have been faster; its copy is the same.
  await rename(partial, target).catch(() => undefined);
  return join(target, 'lib');
}
