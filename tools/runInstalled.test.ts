import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isInstalled } from './runInstalled.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-install-'));
  await mkdir(join(folder, 'node_modules'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, packages: Record<string, { version: string; optional?: boolean }>) {
  await writeFile(join(folder, name), JSON.stringify({ packages }));
}

it('asks for an install when a package is missing or has another version', async () => {
  expect(isInstalled(folder)).toBe(false);
  await write('package-lock.json', {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3' },
    'node_modules/b-darwin': { version: '1.0.0', optional: true },
  });
  expect(isInstalled(folder)).toBe(false);
  await write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.2.2' } });
  expect(isInstalled(folder)).toBe(false);
  await write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.2.3' } });
  expect(isInstalled(folder)).toBe(true);
});
