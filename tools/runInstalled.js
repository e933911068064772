import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

/** Installs the packages where they are missing or not those of the lock file. Plain Node: it runs before them. */
function ensureInstalled() {
  if (isInstalled(root)) return;
  console.log('Installing packages (npm ci) ...');
  // Windows has npm as a script that only a shell runs.
  const { status } = spawnSync('npm', ['ci'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(
      'The packages could not be installed: npm ci needs a network or a filled cache. See above.',
    );
    process.exit(1);
  }
}

/** Whether every package of the lock file is there in its version; optional ones may be for other systems. */
export function isInstalled(/** @type {string} */ folder) {
  try {
    const wanted = readPackages(join(folder, 'package-lock.json'));
    const present = readPackages(join(folder, 'node_modules/.package-lock.json'));
    return Object.entries(wanted).every(
      ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
    );
  } catch {
    // The second file is written at the end of an install; without it there was none.
    return false;
  }
}

/** @returns {Record<string, { version: string, optional?: boolean }>} */
function readPackages(/** @type {string} */ path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

/** Installs what is missing and runs a TypeScript program of this project, in this process. */
export async function runInstalled(/** @type {string} */ script) {
  ensureInstalled();
  process.chdir(root);
  const { register } = await import('tsx/esm/api');
  register();
  await import(pathToFileURL(join(root, script)).href);
}
