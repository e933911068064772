import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeFirstLoad, measureFirstLoad } from './checkFirstLoad.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-load-'));
  await mkdir(join(folder, '.vite'));
});
afterEach(() => rm(folder, { recursive: true }));

it('counts what the entry imports, once, and not what it loads later', async () => {
  const manifest = {
    'index.html': { file: 'main.js', imports: ['_a.js', '_b.js'], dynamicImports: ['engine.ts'] },
    '_a.js': { file: 'a.js', imports: ['_b.js'] },
    '_b.js': { file: 'b.js', imports: ['_a.js'] },
    'engine.ts': { file: 'engine.js', imports: [] },
  };
  await writeFile(join(folder, '.vite/manifest.json'), JSON.stringify(manifest));
  for (const name of ['main', 'a', 'b', 'engine'])
    await writeFile(join(folder, `${name}.js`), randomBytes(20_000));
  const small = await measureFirstLoad(folder);
  expect(small.files.map(({ file }) => file).sort()).toEqual(['a.js', 'b.js', 'main.js']);
  expect(small.isWithinBudget).toBe(true);
  // Random bytes do not compress, so the budget is broken by one large file.
  await writeFile(join(folder, 'a.js'), randomBytes(150_000));
  const large = await measureFirstLoad(folder);
  expect(large.isWithinBudget).toBe(false);
  expect(describeFirstLoad(large)).toMatch(/over 150 KB\n {2}150\.\d KB {2}a\.js/);
});
