import { stat } from 'node:fs/promises';
import { cacheName, configName, olderCacheName, receiptName } from '../../checkpoint/fileNames.ts';
import type { QuantisationError } from '../../checkpoint/groupQuant.ts';
import {
  type Receipt,
  type ReceiptFile,
  type ReceiptSource,
  type ReceiptTensor,
  readReceipt,
  writeReceipt,
} from '../../checkpoint/receipt.ts';
import { tensorCacheOf } from '../../checkpoint/shards.ts';
import { countOf } from '../../checkpoint/tensor.ts';
import { toolName } from '../toolName.ts';
import { tokenizerFiles } from './checkpointFiles.ts';
import type { Journal } from './journal.ts';
import type { OutputFolder } from './outputFolder.ts';
import type { PreparedConversion } from './prepareConversion.ts';
import type { Place } from './place.ts';

export interface Finish {
  readonly prepared: PreparedConversion;
  readonly folder: OutputFolder;
  readonly journal: Journal;
}

/** Writes what stands beside the shards: the lists of tensors, the chat configuration, the tokenizer, the receipt. */
export async function finishFolder(finish: Finish): Promise<Receipt> {
  const { prepared, folder, journal } = finish;
  const { shards } = prepared.plan;
  const files: ReceiptFile[] = [];
  for (const [name, bytes] of smallFiles(finish)) {
    const { sha256 } = await folder.write(name, bytes);
    files.push({ name, bytes: bytes.length, sha256 });
  }
  for (const { file, nbytes } of shards)
    files.push({ name: file, bytes: nbytes, sha256: hashesOf(journal, file).sha256 });
  const { base, adapters, settings } = prepared;
  const text = writeReceipt({
    tool: toolName,
    base: await sourceOf(base.place, base.files, journal),
    adapters: await Promise.all(
      adapters.map(async ({ place, files: read, scale }) => ({
        ...(await sourceOf(place, read, journal)),
        scale,
      })),
    ),
    quantisation: settings.quantisation,
    ties: settings.ties,
    peftCompatible: settings.rounding === 'peft',
    notes: [...prepared.notes],
    tensors: tensorsOf(finish),
    files,
  });
  await folder.write(receiptName, new TextEncoder().encode(text));
  const read = readReceipt(text);
  if ('problem' in read) throw new Error(read.problem);
  return read.receipt;
}

function hashesOf(journal: Journal, file: string) {
  const hashes = journal.shards.get(file);
  if (!hashes) throw new Error(`${file} was not sealed.`);
  return hashes;
}

function smallFiles({ prepared, journal }: Finish): (readonly [string, Uint8Array])[] {
  const { base, plan } = prepared;
  const cache = json(
    tensorCacheOf(plan.shards, {
      md5: plan.shards.map(({ file }) => hashesOf(journal, file).md5),
      parameters: plan.parameters.reduce((sum, { shape }) => sum + countOf(shape), 0),
    }),
  );
  const tokenizer = tokenizerFiles.flatMap((name) => {
    const bytes = base.facts.get(name);
    return bytes ? [[name, bytes] as const] : [];
  });
  return [[configName, json(prepared.chatConfig)], [cacheName, cache], [olderCacheName, cache], ...tokenizer];
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

async function sourceOf(place: Place, names: readonly string[], journal: Journal): Promise<ReceiptSource> {
  const files = names.map(async (name) => {
    const path = place.pathOf(name);
    const sha256 = journal.sources.get(path)?.sha256;
    if (sha256 === undefined) throw new Error(`${path} was not hashed.`);
    return { name, bytes: (await stat(path)).size, sha256 };
  });
  return { id: place.id, revision: place.revision, files: await Promise.all(files) };
}

function tensorsOf({ prepared, journal }: Finish): ReceiptTensor[] {
  return prepared.plan.parameters.map(({ name, shape, quantised, sources }) => {
    const error: QuantisationError | undefined = journal.errors.get(name);
    if (!error) throw new Error(`${name} was not converted.`);
    const { squaredError, squaredWeights, worstGroup } = error;
    return {
      ...{ name, shape: [...shape], quantised },
      sources: sources.map((source) => source.name),
      relativeRms: squaredWeights > 0 ? Math.sqrt(squaredError / squaredWeights) : null,
      worstGroup: quantised ? worstGroup : null,
    };
  });
}
