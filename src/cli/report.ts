import { InputError } from '../core/errors.ts';
import { readRollouts, readVerdicts } from '../core/storedRecords.ts';
import { judgeLabel } from '../core/judgeSpec.ts';
import type { Rubric } from '../core/rubric.ts';
import type { Judging, Run } from '../core/run.ts';
import { joinVerdicts } from '../findings/answers.ts';
import { formatEstimate, unitOf } from '../findings/formatEstimate.ts';
import { summarisePortraits } from '../findings/portrait/summarisePortraits.ts';
import { type Dimension, type SummaryRow, summarise } from '../findings/summarise.ts';
import { rubrics } from '../suites/index.ts';
import { alignTable } from './alignTable.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import { portraitsText } from './portraitsText.ts';
import { openStoredRun } from './runFolder.ts';

export interface ReportOptions {
  readonly rubric?: readonly string[];
  readonly by: Dimension;
  readonly portraits?: boolean;
  readonly json?: boolean;
}

interface Part {
  readonly judging: Judging;
  readonly rubric: Rubric;
  readonly rows: readonly SummaryRow[];
}

/** Prints what the verdicts of a run say, one part for each rubric and judge. */
export async function report(path: string, options: ReportOptions): Promise<ExitCode> {
  const { store, run } = await openStoredRun(path);
  const rollouts = await readRollouts(store, run);
  const verdicts = await readVerdicts(store, run, rollouts.keys());
  const portraits = options.portraits ? summarisePortraits(run, rollouts.values()) : undefined;
  const parts = chooseJudgings(run, options).map(({ judging, rubric }): Part => {
    const answers = joinVerdicts({ run, rollouts: rollouts.values(), verdicts, judging });
    return { judging, rubric, rows: summarise({ run, answers, rubric, by: [options.by] }) };
  });
  const told = portraits ? [portraitsText(portraits)] : [];
  const text = [headOf(run, rollouts.size), ...parts.map(textOf), ...told].join('\n\n');
  const plain = { run: { id: run.id, name: run.name }, answers: rollouts.size, parts: parts.map(plainPart) };
  printResult({ ...plain, ...(portraits && { portraits }) }, text, { json: options.json === true });
  return exitCodes.done;
}

function chooseJudgings(run: Run, { rubric: names, portraits }: ReportOptions) {
  const chosen = run.judgings.filter(({ rubric }) => !names || names.includes(rubric));
  // Portraits need no judge.
  if (chosen.length === 0 && !portraits) {
    const known = run.judgings.map(({ rubric }) => rubric).join(', ');
    throw new InputError(
      known === ''
        ? 'Nothing of this run is judged yet. Judge it first with: otherself judge <folder>'
        : `No verdicts by these rubrics. This run was judged by: ${known}.`,
    );
  }
  return chosen.map((judging) => {
    const rubric = rubrics.find(
      ({ id, version }) => id === judging.rubric && version === judging.rubricVersion,
    );
    if (rubric) return { judging, rubric };
    const asked = `${judging.rubric} (version ${judging.rubricVersion})`;
    throw new InputError(`This version of Otherself does not know the rubric ${asked}. Judge the run again.`);
  });
}

function headOf(run: Run, answers: number): string {
  return `${run.name}: ${answers} answers to ${run.prompts.length} prompts.`;
}

function textOf({ judging, rubric, rows }: Part): string {
  const head = `${rubric.title}, judged by ${judgeLabel(judging.judge)}; 95 % intervals, clustered by prompt`;
  return [head, tableOf(rows), ...gapsOf(rows)].join('\n');
}

/** A table in monospaced text: a line a row and measure. */
function tableOf(rows: readonly SummaryRow[]): string {
  const lines = rows.flatMap(({ key, counts, measures }) =>
    measures.map(({ measure, estimate }) => {
      const { value, interval } = formatEstimate(estimate, unitOf(measure));
      const place =
        key.category ?? key.group ?? (key.temperature === null ? 'all' : `temperature ${key.temperature}`);
      const n = `n = ${estimate.n} of ${counts.answers}, ${estimate.clusters} prompts`;
      return [key.model, key.suite, place, measure.label, value, interval ?? 'no interval', n];
    }),
  );
  return alignTable([['model', 'suite', 'rows', 'measure', 'value', '95 %', 'basis'], ...lines]);
}

/** What the table leaves out: said for each kind, with its count. */
function gapsOf(rows: readonly SummaryRow[]): string[] {
  const sum = (count: (row: SummaryRow) => number): number =>
    rows.reduce((total, row) => total + count(row), 0);
  const gaps = [
    [sum(({ counts }) => counts.missing ?? 0), 'planned answers are not collected yet'],
    [sum(({ counts }) => counts.failed), 'answers could not be had'],
    [sum(({ counts }) => counts.failedVerdicts), 'verdicts failed'],
    [sum(({ counts }) => counts.unjudged), 'answers are not judged yet'],
  ] as const;
  return gaps
    .filter(([count]) => count > 0)
    .map(([count, what]) => `Not in these numbers: ${count} ${what}.`);
}

function plainPart({ judging, rows }: Part) {
  return {
    ...judging,
    rows: rows.map(({ key, counts, measures, tokens }) => ({
      ...key,
      ...counts,
      tokens,
      measures: measures.map(({ measure, estimate }) => ({
        id: measure.id,
        label: measure.label,
        ...estimate,
      })),
    })),
  };
}
