import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ESLint, type Linter } from 'eslint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ts from 'typescript-eslint';

/** Every file that a planted one imports; a rule judges an import only when its file is there. */
const targets = [
  'main.ts',
  'app/App.svelte',
  'app/router.ts',
  'app/state/target.ts',
  'app/ui/target.ts',
  'app/routes/target.ts',
  'app/features/chat/target.ts',
  'app/features/runs/target.ts',
  'cli/target.ts',
  'core/target.ts',
  'findings/target.ts',
  'exports/target.ts',
  'checkpoint/target.ts',
  'engines/target.ts',
  'judges/target.ts',
  'stores/target.ts',
  'suites/target.ts',
];

let house: string;
let eslint: ESLint;

// A house of its own, so that these tests say nothing about the files of today. Packages are found above it.
beforeAll(async () => {
  await mkdir('.cache', { recursive: true });
  house = await mkdtemp(resolve('.cache/house-'));
  const configs = (await readdir('.')).filter((file) =>
    /^(eslint|svelte|tsconfig|\.dependency-cruiser)[\w.-]*$/.test(file),
  );
  for (const file of [...configs, 'tools/layers.js', 'src/core/env.d.ts']) await cp(file, join(house, file));
  await writeFile(join(house, 'package.json'), '{ "type": "module" }');
  for (const target of targets) {
    await mkdir(dirname(join(house, 'src', target)), { recursive: true });
    await writeFile(join(house, 'src', target), target.endsWith('.svelte') ? '' : 'export const x = 1;\n');
  }
  const untyped = ts.configs.disableTypeChecked as Linter.Config;
  // Planted texts are in no TypeScript program, so rules that need types are off.
  eslint = new ESLint({ cwd: house, overrideConfig: [untyped] });
});
afterAll(() => rm(house, { recursive: true }));

async function rulesBroken(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(house, filePath) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

function importing(target: string, isType = false): string {
  return isType
    ? `import type { X } from '${target}';\nexport type Y = X;\n`
    : `import { x } from '${target}';\nx();\n`;
}

const arrow = 'boundaries/dependencies';
const svelte = (code: string) => `<script lang="ts">\n${code}</script>\n`;

describe('the arrows of the architecture', () => {
  it.each([
    ['src/core/planted.ts', '../engines/target.ts'],
    ['src/core/planted.ts', '../findings/target.ts'],
    ['src/findings/planted.ts', '../stores/target.ts'],
    ['src/engines/planted.ts', '../stores/target.ts'],
    ['src/engines/planted.ts', '../app/router.ts'],
    ['src/stores/planted.ts', '../engines/target.ts'],
    ['src/judges/planted.ts', '../engines/target.ts'],
    ['src/suites/planted.ts', '../engines/target.ts'],
    ['src/checkpoint/planted.ts', '../core/target.ts'],
    ['src/cli/planted.ts', '../app/router.ts'],
    ['src/app/state/planted.svelte.ts', '../../stores/target.ts'],
    ['src/app/features/runs/planted.ts', '../../../engines/target.ts'],
    ['src/app/ui/planted.ts', '../../core/target.ts'],
    ['src/app/routes/planted.ts', '../App.svelte'],
  ])('%s may not import %s', async (from, target) => {
    expect(await rulesBroken(from, importing(target))).toContain(arrow);
    expect(await rulesBroken(from, importing(target, true)), 'as a type').toContain(arrow);
  });

  it('hold in components, and between features', async () => {
    const component = svelte(importing('../../../stores/target.ts'));
    expect(await rulesBroken('src/app/features/runs/Planted.svelte', component)).toContain(arrow);
    const other = svelte(importing('../chat/target.ts'));
    expect(await rulesBroken('src/app/features/runs/Planted.svelte', other)).toContain(arrow);
  });

  it.each([
    ['src/main.ts', './stores/target.ts'],
    ['src/cli/planted.ts', '../engines/target.ts'],
    ['src/findings/planted.ts', '../core/target.ts'],
    ['src/stores/planted.ts', '../core/target.ts'],
    ['src/app/state/planted.svelte.ts', '../../findings/target.ts'],
    ['src/app/features/runs/planted.ts', '../../router.ts'],
    ['src/app/features/runs/planted.ts', './target.ts'],
    ['src/core/planted.ts', './target.ts'],
  ])('%s may import %s', async (from, target) => {
    expect(await rulesBroken(from, importing(target))).not.toContain(arrow);
  });

  it('do not bind tests', async () => {
    expect(await rulesBroken('src/core/planted.test.ts', importing('../stores/target.ts'))).toEqual([]);
  });
});

describe('pure code', () => {
  it.each(['svelte', 'node:fs', 'fs', 'idb-keyval', '@huggingface/transformers'])(
    'may not import %s',
    async (name) => {
      expect(await rulesBroken('src/core/planted.ts', importing(name))).toContain('no-restricted-imports');
      expect(await rulesBroken('src/exports/planted.ts', importing(name))).toContain('no-restricted-imports');
    },
  );

  it.each(['zod', '@noble/hashes/sha2.js', './target.ts'])('may import %s', async (name) => {
    expect(await rulesBroken('src/core/planted.ts', importing(name))).toEqual([]);
  });
});

describe('the budgets', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `export const a${index} = ${index};`).join('\n');

  it('limit files', async () => {
    expect(await rulesBroken('src/core/planted.ts', lines(250))).toEqual([]);
    expect(await rulesBroken('src/core/planted.ts', lines(251))).toContain('max-lines');
    expect(await rulesBroken('src/core/planted.test.ts', lines(251))).toEqual([]);
    const component = svelte(`${lines(199).replaceAll('export ', '')}\n`);
    expect(await rulesBroken('src/app/ui/Planted.svelte', component)).toContain('max-lines');
  });

  it('limit functions', async () => {
    const long = `export function f(): void {\n${'  f();\n'.repeat(49)}}\n`;
    expect(await rulesBroken('src/core/planted.ts', long)).toContain('max-lines-per-function');
    const branches = Array.from({ length: 10 }, (_, index) => `  if (n === ${index}) return ${index};`).join(
      '\n',
    );
    const complex = `export function f(n: number): number {\n${branches}\n  return n;\n}\n`;
    expect(await rulesBroken('src/core/planted.ts', complex)).toContain('complexity');
  });

  it('allow no `any`, no switched-off rule, no note of unfinished work', async () => {
    expect(await rulesBroken('src/core/planted.ts', 'export const a: any = 1;\n')).toContain(
      '@typescript-eslint/no-explicit-any',
    );
    const disabled =
      '// eslint-disable-next-line @typescript-eslint/no-explicit-any\nexport const a: any = 1;\n';
    expect(await rulesBroken('src/core/planted.ts', disabled)).toContain(
      '@typescript-eslint/no-explicit-any',
    );
    expect(
      await rulesBroken('src/core/planted.ts', `// ${'TO'}${'DO'}: later\nexport const a = 1;\n`),
    ).toContain('no-warning-comments');
  });
});

/** What a program of this project says about the planted files; it must object. */
async function objections(command: string, args: readonly string[]): Promise<string> {
  const run = promisify(execFile)(resolve('node_modules/.bin', command), args, { cwd: house });
  return run.then(
    () => 'nothing',
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
}

async function plant(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) await writeFile(join(house, 'src', file), text);
}

describe('the import graph', () => {
  it('has no cycles, no worker that is imported, no grab bag', async () => {
    const graph = () => objections('depcruise', ['src', '--output-type', 'err']);
    expect(await graph()).toBe('nothing');
    await plant({
      'app/ui/Cycle.svelte': svelte(`import { a } from './cycle.ts';\na();\n`),
      'app/ui/cycle.ts': `import Cycle from './Cycle.svelte';\nexport const a = () => Cycle;\n`,
      'engines/worker.ts': 'export const x = 1;\n',
      'engines/client.ts': importing('./worker.ts'),
      'stores/utils.ts': 'export const x = 1;\n',
      'stores/store.ts': importing('./utils.ts'),
    });
    const found = await graph();
    expect(found).toContain('no-cycles: src/app/ui/');
    expect(found).toContain('worker-stands-alone: src/engines/client.ts');
    expect(found).toContain('no-grab-bags: src/stores/store.ts');
  });
});

describe('the environments', () => {
  it('keep the DOM and Node out of pure code, and the DOM out of workers', async () => {
    await plant({
      'core/planted.ts': 'document.title;\nprocess.exit();\nnew AbortController().signal.aborted;\n',
      'engines/worker.ts': 'document.title;\nself.postMessage(1);\n',
    });
    const pure = await objections('tsc', ['-p', 'tsconfig.pure.json']);
    expect(pure.match(/Cannot find name '\w+'/g)).toEqual([
      "Cannot find name 'document'",
      "Cannot find name 'process'",
    ]);
    const worker = await objections('tsc', ['-p', 'tsconfig.worker.json']);
    expect(worker.match(/Cannot find name '\w+'/g)).toEqual(["Cannot find name 'document'"]);
  });
});
