import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runCommand } from './runCommand.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, '.cache/venv');
const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
/** Holds the hash of the requirements that were installed; written last. */
const stamp = join(folder, 'otherself-requirements');
const requirementFiles = ['tools/python-requirements.txt', 'models/smollm2-135m/requirements.txt'];

/** The Python that `npm test` set up, or null: tests that need it are then skipped, each by name. */
export function findPython(): string | null {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === requirementsHash() ? python : null;
}

export type PythonSetup =
  | { readonly state: 'ready'; readonly python: string }
  | { readonly state: 'absent'; readonly reason: string }
  | { readonly state: 'failed'; readonly reason: string };

/** Sets up Python in .cache/venv where the machine has one. `failed`: there is one, but its packages would not install. */
export async function setUpPython(): Promise<PythonSetup> {
  const ready = findPython();
  if (ready) return { state: 'ready', python: ready };
  const version = await runCommand([
    'python3',
    '-c',
    'import sys, venv, ensurepip; print(sys.version_info >= (3, 11))',
  ]);
  if (!version.ok) return { state: 'absent', reason: 'python3 with its venv module was not found' };
  if (version.output.trim() !== 'True') return { state: 'absent', reason: 'python3 is older than 3.11' };
  console.log('Setting up Python for the tests in .cache/venv (about 390 MB to fetch) ...');
  await rm(folder, { recursive: true, force: true });
  const steps = [
    ['python3', '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', 'tools/python-requirements.txt'],
  ] as const;
  for (const step of steps) {
    const { ok, output } = await runCommand(step);
    if (!ok) return { state: 'failed', reason: output.trim() };
  }
  await writeFile(stamp, requirementsHash());
  return { state: 'ready', python };
}

function requirementsHash(): string {
  const hash = createHash('sha256');
  for (const file of requirementFiles) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
