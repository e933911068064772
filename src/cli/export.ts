import { basename, dirname, join, extname } from 'node:path';
import { systemClock, timestamp } from '../core/ports/clock.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Run } from '../core/run.ts';
import { describeRecords, writeRunFile } from '../core/runFile.ts';
import { readRun } from '../core/storedRecords.ts';
import type { Verdict } from '../core/verdict.ts';
import { readForced } from '../reporting/readForced.ts';
import { writeCsv } from '../exports/csv.ts';
import { writeHandout } from '../exports/handout.ts';
import { writeInspectLogs } from '../exports/inspectLog.ts';
import { writeParquet } from '../exports/parquet.ts';
import { writePromptfoo } from '../exports/promptfoo.ts';
import { writeRows } from '../exports/rows.ts';
import { knownRubrics } from './knownRubrics.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import { openStoredRun } from './runFolder.ts';
import { toolName } from './toolName.ts';
import { writeWhole } from './writeWhole.ts';

export interface ExportOptions {
  readonly out: string;
  readonly format: 'jsonl' | 'rows' | 'parquet' | 'csv' | 'inspect' | 'promptfoo' | 'handout';
}

/** Writes a run to a file; an Inspect log holds one model, so several models become several files. */
export async function exportRun(path: string, { out, format }: ExportOptions): Promise<ExitCode> {
  const { store, run } = await openStoredRun(path);
  const { rollouts: stored, verdicts } = await readRun(store, run);
  const rollouts = [...stored.values()];
  // No other format has them, and planning them reads every answer.
  const forced = format === 'jsonl' ? (await readForced(store, run, stored)).forced : undefined;
  const beliefs = [...(forced?.beliefs.values() ?? [])];
  const data = { run, rollouts, verdicts, beliefs };
  const figures = format === 'handout' ? await figuresOf(run, stored, verdicts) : '';
  const exportedAt = timestamp(systemClock);
  const files = {
    jsonl: () => [{ name: out, lines: writeRunFile(data, { exportedAt, tool: toolName }) }],
    rows: () => [{ name: out, lines: writeRows(data) }],
    parquet: () => [{ name: out, lines: [writeParquet(data)] }],
    promptfoo: () => [{ name: out, lines: [writePromptfoo(data, { exportedAt })] }],
    handout: () => [{ name: out, lines: [writeHandout(data, { figures })] }],
    csv: () => [{ name: out, lines: writeCsv(data) }],
    inspect: () => inspectFiles(writeInspectLogs(data), out),
  }[format]();
  for (const { name, lines } of files) await writeWhole(name, lines);
  const names = files.map(({ name }) => name).join(', ');
  const counts = { rollouts: rollouts.length, verdicts: verdicts.length, beliefs: beliefs.length };
  const held = describeRecords(counts);
  printResult(names, `${held} are in ${names}.`, { json: false });
  return exitCodes.done;
}

async function figuresOf(
  run: Run,
  rollouts: ReadonlyMap<string, Rollout>,
  verdicts: readonly Verdict[],
): Promise<string> {
  // Plot is large, and other formats do without.
  const { handoutFigures } = await import('../exports/handoutFigures.ts');
  const { all: rubrics } = await knownRubrics();
  return handoutFigures({ run, rollouts, verdicts, rubrics });
}

function inspectFiles(logs: ReturnType<typeof writeInspectLogs>, out: string) {
  const [only] = logs;
  if (only && logs.length === 1) return [{ name: out, lines: [only.text] }];
  const stem = basename(out, extname(out));
  return logs.map(({ model, text }) => ({
    name: join(dirname(out), `${stem}-${model}${extname(out) || '.json'}`),
    lines: [text],
  }));
}
