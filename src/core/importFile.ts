import { parseDeviceFile } from './deviceFile.ts';
import { InputError } from './errors.ts';
import { type DeviceImport, importDevice } from './importDevice.ts';
import { type ImportOutcome, importRun } from './importRun.ts';
import type { Store } from './ports/store.ts';
import { type TalkImport, importTalk } from './importTalk.ts';
import { parseRunFile } from './runFile.ts';
import { linesOf } from './sealedLines.ts';
import { parseTalkFile } from './talkFile.ts';

/** By what a file holds: one run, one talk, or everything of a device. */
export interface ImportOutcomes {
  readonly run: ImportOutcome;
  readonly talk: TalkImport;
  readonly device: DeviceImport;
}
export type ImportKind = keyof ImportOutcomes;

/** A browser's File is one. */
export interface ImportSource {
  readonly name: string;
  text(): Promise<string>;
}

export interface ImportOptions {
  /** Told the part of the file that was read and checked, from 0 to 1; at 1 it is being stored. */
  readonly onProgress?: (read: number) => void;
}

/** Lines between two reports: about 10 ms of work. */
const reportLines = 100;

/**
 * Reads, checks and merges a file into the store. Errors: {@link InputError} with nothing stored,
 * {@link LockedError} when the run is at work, {@link StoreError}.
 */
export async function importFile<Kind extends ImportKind>(
  store: Store,
  kind: Kind,
  source: ImportSource,
  { onProgress }: ImportOptions = {},
): Promise<ImportOutcomes[Kind]> {
  const text = await readText(source);
  return importers[kind](store, counted(text, onProgress), { fileName: source.name });
}

const importers: {
  readonly [Kind in ImportKind]: (
    store: Store,
    lines: Iterable<string>,
    options: { readonly fileName: string },
  ) => Promise<ImportOutcomes[Kind]>;
} = {
  run: async (store, lines, options) => importRun(store, parseRunFile(lines, options)),
  talk: async (store, lines, options) => importTalk(store, parseTalkFile(lines, options)),
  device: async (store, lines, options) => importDevice(store, parseDeviceFile(lines, options)),
};

async function readText(source: ImportSource): Promise<string> {
  try {
    return await source.text();
  } catch (cause) {
    throw new InputError(
      `${source.name} could not be read: it was moved, changed or deleted since it was picked, or it is too large ` +
        'for this browser. Nothing was imported; pick it again, or import it with the command line.',
      { cause },
    );
  }
}

function* counted(text: string, onProgress: ImportOptions['onProgress']): Generator<string> {
  let line = 0;
  let chars = 0;
  for (const next of linesOf(text)) {
    if (line % reportLines === 0) onProgress?.(chars / text.length);
    line += 1;
    chars += next.length + 1;
    yield next;
  }
  onProgress?.(1);
}
