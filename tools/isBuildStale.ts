import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const sources = [
  'index.html',
  'package-lock.json',
  'vite.config.ts',
  'svelte.config.js',
  'src',
  'public',
  'models/catalogue.json',
  'tools/compressPlugin.ts',
  'tools/offlinePlugin.ts',
  'tools/securityHeaders.ts',
];

/** Whether anything that the build reads is newer than the page that it wrote last. */
export async function isBuildStale(root: string): Promise<boolean> {
  const builtMs = await modifiedMs(join(root, 'dist/index.html'));
  if (builtMs === null) return true;
  for (const source of sources) {
    if ((await newestMs(join(root, source))) > builtMs) return true;
  }
  return false;
}

/** When a file, or anything in a folder, was changed last; 0 when there is no such path. */
export async function newestMs(path: string): Promise<number> {
  const ownMs = (await modifiedMs(path)) ?? 0;
  const entries = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(entries.map((entry) => modifiedMs(join(path, entry))));
  return Math.max(ownMs, ...times.map((time) => time ?? 0));
}

/** Null when there is no such file. */
function modifiedMs(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
