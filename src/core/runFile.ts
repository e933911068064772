import type { Belief } from './belief.ts';
import { InputError } from './errors.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { RunRecords } from './runRecords.ts';
import {
  type FileOrigin,
  LineSealer,
  type RecordCounts,
  type SealedForm,
  readSealedLines,
} from './sealedLines.ts';
import type { Verdict } from './verdict.ts';

const form: SealedForm = {
  format: 'otherself-run',
  version: 2,
  name: 'run file',
  source: 'Export a run in Results, or with: otherself export FOLDER --format jsonl --out FILE',
  describe: describeRecords,
};

/** As "3 answers and 2 verdicts"; forced answers are told of where there are any. */
export function describeRecords({ rollouts = 0, verdicts = 0, beliefs = 0 }: RecordCounts): string {
  if (beliefs === 0) return `${rollouts} answers and ${verdicts} verdicts`;
  return `${rollouts} answers, ${verdicts} verdicts and ${beliefs} forced answers`;
}

export interface RunFile {
  readonly run: Run;
  readonly rollouts: readonly Rollout[];
  readonly verdicts: readonly Verdict[];
  readonly beliefs: readonly Belief[];
}

/**
 * A whole run as JSON lines, each with its line end: a header, the run, its rollouts, its verdicts, its beliefs, and
 * an end line with counts and SHA-256, by which a cut or altered file is known. Without beliefs it is a file of version 1.
 */
export function* writeRunFile(
  { run, rollouts, verdicts, beliefs }: RunFile,
  origin: FileOrigin,
): Generator<string> {
  const sealer = new LineSealer();
  yield sealer.header({ ...form, version: beliefs.length === 0 ? 1 : form.version }, origin);
  yield sealer.line({ type: 'run', ...run });
  for (const rollout of rollouts) yield sealer.line({ type: 'rollout', ...rollout });
  for (const verdict of verdicts) yield sealer.line({ type: 'verdict', ...verdict });
  for (const belief of beliefs) yield sealer.line({ type: 'belief', ...belief });
  yield sealer.end(countsOf(rollouts.length, verdicts.length, beliefs.length));
}

/** Files of version 1 tell nothing of beliefs. */
function countsOf(rollouts: number, verdicts: number, beliefs: number): RecordCounts {
  return { rollouts, verdicts, ...(beliefs > 0 && { beliefs }) };
}

/**
 * Reads a run file: all of it or nothing. Every key is derived anew from the run, so that no record can claim to
 * be another's. Throws {@link InputError} naming the line and field.
 */
export function parseRunFile(
  source: string | Iterable<string>,
  { fileName }: { readonly fileName: string },
): RunFile {
  const records = new RunRecords();
  const sink = {
    add: (record: Readonly<Record<string, unknown>>) => records.add(record),
    counts: () => countsOf(records.rollouts.size, records.verdicts.size, records.beliefs.size),
  };
  readSealedLines(form, source, { fileName, sink });
  const { run } = records;
  if (!run) throw new InputError(`${fileName} holds no run. Nothing was imported; export the run again.`);
  return records.file(run);
}
