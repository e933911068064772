import { basename } from 'node:path';
import { InputError } from '../core/errors.ts';
import { importRun } from '../core/importRun.ts';
import { describeRecords, parseRunFile } from '../core/runFile.ts';
import { readInput } from './catalogue.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import { openRunFolder } from './runFolder.ts';

export interface ImportOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Reads an exported run into a folder: a new one, or one that holds the same run. */
export async function importFile(file: string, { out, json }: ImportOptions): Promise<ExitCode> {
  const parsed = parseRunFile(await readInput(file), { fileName: basename(file) });
  const folder = await openRunFolder(out, { create: true });
  if (folder.run && folder.run.id !== parsed.run.id) {
    throw new InputError(`${out} holds another run, "${folder.run.name}". Choose another folder.`);
  }
  const { added, differing } = await importRun(folder.store, parsed);
  const kept =
    differing === 0
      ? ''
      : ` ${differing} answers of the file have another text than the stored ones; the stored ones were kept.`;
  const text = `${describeRecords(added)} were added to ${out}.${kept}`;
  printResult({ out, ...added, differing }, text, { json: json === true });
  return exitCodes.done;
}
