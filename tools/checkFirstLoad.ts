import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A phone on a slow network (1.6 Mbit/s) gets this much in three quarters of a second. */
const budgetBytes = 150_000;

interface ManifestEntry {
  readonly file: string;
  /** Keys of what it imports statically; dynamic imports come later and do not count. */
  readonly imports?: readonly string[];
}

export interface FirstLoad {
  /** Gzip, of all JavaScript that runs before anything is asked for. */
  readonly bytes: number;
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
  readonly isWithinBudget: boolean;
}

/** Measures the JavaScript on the entry path of a build, by Vite's manifest. */
export async function measureFirstLoad(distFolder: string): Promise<FirstLoad> {
  const text = await readFile(join(distFolder, '.vite/manifest.json'), 'utf8');
  const manifest = JSON.parse(text) as Readonly<Record<string, ManifestEntry>>;
  const names = entryFiles(manifest, 'index.html');
  const files = await Promise.all(
    names.map(async (file) => ({ file, bytes: gzipSync(await readFile(join(distFolder, file))).length })),
  );
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { bytes, files: files.sort((a, b) => b.bytes - a.bytes), isWithinBudget: bytes < budgetBytes };
}

function entryFiles(manifest: Readonly<Record<string, ManifestEntry>>, entry: string): string[] {
  const seen = new Set<string>();
  const visit = (key: string) => {
    if (seen.has(key)) return;
    const found = manifest[key];
    if (!found) throw new Error(`The build's manifest lacks ${key}.`);
    seen.add(key);
    found.imports?.forEach(visit);
  };
  visit(entry);
  return [...seen].map((key) => manifest[key]?.file ?? '').filter((file) => file.endsWith('.js'));
}

export function describeFirstLoad({ bytes, files, isWithinBudget }: FirstLoad): string {
  const lines = files.map((file) => `  ${(file.bytes / 1000).toFixed(1)} KB  ${file.file}`);
  const verdict = isWithinBudget ? 'within' : 'over';
  return [
    `First load: ${(bytes / 1000).toFixed(1)} KB gzip, ${verdict} ${budgetBytes / 1000} KB`,
    ...lines,
  ].join('\n');
}
