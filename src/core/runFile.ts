import { InputError } from './errors.ts';
import type { Rollout } from './rollout.ts';
import type { Run } from './run.ts';
import { RunRecords } from './runRecords.ts';
import { type FileOrigin, LineSealer, type SealedForm, readSealedLines } from './sealedLines.ts';
import type { Verdict } from './verdict.ts';

const form: SealedForm = {
  format: 'otherself-run',
  version: 1,
  name: 'run file',
  source: 'Export a run in Results, or with: otherself export FOLDER --format jsonl --out FILE',
  describe: ({ rollouts = 0, verdicts = 0 }) => `${rollouts} answers and ${verdicts} verdicts`,
};

export interface RunFile {
  readonly run: Run;
  readonly rollouts: readonly Rollout[];
  readonly verdicts: readonly Verdict[];
}

/**
 * A whole run as JSON lines, each with its line end: a header, the run, its rollouts, its verdicts, and an end
 * line with counts and SHA-256, by which a cut or altered file is known.
 */
export function* writeRunFile(
  { run, rollouts, verdicts }: { run: Run; rollouts: Iterable<Rollout>; verdicts: Iterable<Verdict> },
  origin: FileOrigin,
): Generator<string> {
  const sealer = new LineSealer();
  const counts = { rollouts: 0, verdicts: 0 };
  yield sealer.header(form, origin);
  yield sealer.line({ type: 'run', ...run });
  for (const rollout of rollouts) {
    counts.rollouts += 1;
    yield sealer.line({ type: 'rollout', ...rollout });
  }
  for (const verdict of verdicts) {
    counts.verdicts += 1;
    yield sealer.line({ type: 'verdict', ...verdict });
  }
  yield sealer.end(counts);
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
    counts: () => ({ rollouts: records.rollouts.size, verdicts: records.verdicts.size }),
  };
  readSealedLines(form, source, { fileName, sink });
  const { run, rollouts, verdicts } = records;
  if (!run) throw new InputError(`${fileName} holds no run. Nothing was imported; export the run again.`);
  return { run, rollouts: [...rollouts.values()], verdicts: [...verdicts.values()] };
}
