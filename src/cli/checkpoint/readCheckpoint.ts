import { readFile, stat } from 'node:fs/promises';
import { type AdapterPlan, planAdapter } from '../../checkpoint/adapter.ts';
import { CheckpointError } from '../../checkpoint/checkpointError.ts';
import { headerBytes, parseSafetensors, parseSafetensorsIndex } from '../../checkpoint/safetensors.ts';
import type { TensorInfo } from '../../checkpoint/tensor.ts';
import { InputError } from '../../core/errors.ts';
import { explainFileErrors } from '../../stores/jsonlFolderErrors.ts';
import { chooseAdapterFiles, chooseBaseFiles } from './checkpointFiles.ts';
import type { Place } from './place.ts';
import { readRange } from './readRange.ts';

type Fetch = (place: Place, names: readonly string[]) => Promise<void>;

export interface Base {
  readonly place: Place;
  /** `file` of each is the whole path. */
  readonly tensors: readonly TensorInfo[];
  /** Small files that there are, by name. */
  readonly facts: ReadonlyMap<string, Uint8Array>;
  /** Names of the files that are read. */
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

/** Reads all of a base but its weights. `fetch` brings files to this machine where they are not here. */
export async function readBase(place: Place, fetch: Fetch): Promise<Base> {
  const chosen = chooseBaseFiles(place.names, place.id);
  const small = [...chosen.facts, ...(chosen.index ? [chosen.index] : [])];
  await fetch(place, small);
  const index = chosen.index ? await readIndex(place, chosen.index) : null;
  const weights = index ? [...new Set(index.values())] : [chosen.weights ?? ''];
  const missing = weights.find((name) => !place.names.includes(name));
  if (missing !== undefined)
    throw new InputError(
      `${place.id} lacks ${missing}, which ${chosen.index} names. Get the model's files again.`,
    );
  await fetch(place, weights);
  const byFile = new Map<string, readonly TensorInfo[]>();
  for (const name of weights) byFile.set(name, await readTensors(place.pathOf(name)));
  const facts = await Promise.all(
    chosen.facts.map(async (name) => [name, await readWhole(place.pathOf(name))] as const),
  );
  return {
    place,
    tensors: index ? inOrderOf(index, byFile, place) : [...byFile.values()].flat(),
    facts: new Map(facts),
    files: [...small, ...weights],
    notes: chosen.notes,
  };
}

export interface Adapter {
  readonly place: Place;
  readonly plan: AdapterPlan;
  readonly files: readonly string[];
  readonly scale: number;
}

/** As {@link readBase}, of an adapter. */
export async function readAdapter(
  place: Place,
  base: Base,
  options: { readonly scale: number; readonly fetch: Fetch },
): Promise<Adapter> {
  const chosen = chooseAdapterFiles(place.names, place.id);
  const files = [chosen.config, chosen.weights];
  await options.fetch(place, files);
  const configPath = place.pathOf(chosen.config);
  const plan = planAdapter(
    await readJson(configPath),
    await readTensors(place.pathOf(chosen.weights)),
    base.tensors,
    { file: configPath, scale: options.scale },
  );
  return { place, plan, files, scale: options.scale };
}

export async function readJson(path: string): Promise<unknown> {
  return parseJson(await readWhole(path), path);
}

/** `file` names it in the sentence. */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError(`${file} is not JSON. Get it again.`, { cause });
  }
}

const readWhole = (path: string): Promise<Uint8Array> => explainFileErrors(path, () => readFile(path));

async function readIndex(place: Place, name: string): Promise<ReadonlyMap<string, string>> {
  const path = place.pathOf(name);
  return parseSafetensorsIndex(await readJson(path), path);
}

async function readTensors(path: string): Promise<readonly TensorInfo[]> {
  const { size } = await explainFileErrors(path, () => stat(path));
  const prefix = await readRange(path, 0, Math.min(8, size));
  const header = await readRange(path, 0, Math.min(headerBytes(prefix, path, size), size));
  return parseSafetensors(header, path, size);
}

/** The files' tensors in the index's order, which is that of the output. Both must name the same. */
function inOrderOf(
  index: ReadonlyMap<string, string>,
  byFile: ReadonlyMap<string, readonly TensorInfo[]>,
  place: Place,
): TensorInfo[] {
  const found = new Map<string, TensorInfo>();
  for (const [file, tensors] of byFile) {
    for (const tensor of tensors) {
      if (index.get(tensor.name) !== file)
        throw new CheckpointError(
          `${file} of ${place.id} holds ${tensor.name}, which its index does not say.`,
        );
      found.set(tensor.name, tensor);
    }
  }
  return [...byFile.keys()].flatMap((file) =>
    [...index].flatMap(([name, itsFile]) => {
      if (itsFile !== file) return [];
      const tensor = found.get(name);
      if (!tensor)
        throw new CheckpointError(
          `${file} of ${place.id} lacks ${name}, which its index names. Get it again.`,
        );
      return tensor;
    }),
  );
}
