import { readFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dialled, parseDialId } from '../core/dial.ts';
import { InputError } from '../core/errors.ts';
import { type ModelCard, modelCardSchema, parseCatalogue, parseModelCard } from '../core/model.ts';
import { parseSuite } from '../core/parseSuite.ts';
import type { Suite } from '../core/suite.ts';
import { suites } from '../suites/index.ts';

/** The package's own files: the catalogue, and the embedded model's folder. */
const packageRoot = new URL('../../', import.meta.url);

export const modelsFolder = fileURLToPath(new URL('public/models/', packageRoot));

export async function readCatalogue(): Promise<readonly ModelCard[]> {
  return parseCatalogue(JSON.parse(await readFile(new URL('models/catalogue.json', packageRoot), 'utf8')));
}

/**
 * The card of a catalogue model, as mini-base or mini-persona@0.5, one in a JSON file, or one made for a model behind
 * `baseUrl`. Throws {@link InputError}.
 */
export async function findModel(
  id: string,
  served?: { baseUrl: string; concurrency: number },
): Promise<ModelCard> {
  if (served) return servedCard(id, served);
  if (/\.json$/i.test(id)) return cardOfFile(id);
  const catalogue = await readCatalogue();
  const { id: own, position } = parseDialId(id);
  const card = catalogue.find((model) => model.id === own);
  if (card) return dialled(card, position);
  throw new InputError(
    `There is no model "${id}". The catalogue has: ${catalogue.map((model) => model.id).join(', ')}. ` +
      'A file with a card must end in .json. ' +
      'For a model on a server give its address with --base-url.',
  );
}

/** A folder named in it is beside the file. */
async function cardOfFile(path: string): Promise<ModelCard> {
  const text = await readInput(path);
  try {
    const card = parseModelCard(JSON.parse(text));
    if (card.engine !== 'transformers') return card;
    return { ...card, folder: relative(modelsFolder, resolve(dirname(path), card.folder)) };
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(`${path}: ${cause.message}`, { cause });
    throw new InputError(`${path}: this is not valid JSON.`, { cause });
  }
}

function servedCard(model: string, served: { baseUrl: string; concurrency: number }): ModelCard {
  return modelCardSchema.parse({
    engine: 'openai',
    id:
      model
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+/, '') || 'served',
    name: model,
    persona: null,
    base: model,
    licence: null,
    model,
    ...served,
  });
}

/** A built-in suite by its id, or one from a JSON or CSV file. Throws {@link InputError}. */
export async function findSuite(idOrFile: string): Promise<Suite> {
  const builtIn = suites.find(({ id }) => id === idOrFile);
  if (builtIn) return builtIn;
  if (!/\.(json|csv)$/i.test(idOrFile)) {
    const known = suites.map(({ id }) => id).join(', ');
    throw new InputError(
      `There is no suite "${idOrFile}". Built in: ${known}. A file must end in .json or .csv.`,
    );
  }
  return parseSuite(await readInput(idOrFile), { fileName: basename(idOrFile) });
}

/** A text file the user named. Throws {@link InputError} saying why it cannot be read. */
export async function readInput(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = code === 'ENOENT' ? 'there is no such file' : String(code ?? cause);
    throw new InputError(`${path} cannot be read: ${why}.`, { cause });
  }
}
