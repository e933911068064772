import type { Run } from '../core/run.ts';
import { readRun } from '../core/storedRecords.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import { type Report, type ReportChoice, buildReport } from '../findings/report/buildReport.ts';
import { sectionText } from './report/sectionText.ts';
import { knownRubrics } from './knownRubrics.ts';
import { readForced } from '../reporting/readForced.ts';
import { openStoredRun } from './runFolder.ts';
import { writeWhole } from './writeWhole.ts';

export interface ReportOptions extends ReportChoice {
  readonly json?: boolean;
  /** Rubrics that are not built in. */
  readonly rubricFile?: readonly string[];
  /** A file to write the report to, to be read in a browser. */
  readonly html?: string;
}

/** Prints what the verdicts of a run say. */
export async function report(path: string, options: ReportOptions): Promise<ExitCode> {
  const { run, told } = await readReport(path, options);
  if (options.html !== undefined) {
    // Plot is large, and printing does without.
    const { reportHtml } = await import('./report/reportHtml.ts');
    await writeWhole(options.html, [reportHtml(run.name, told)]);
    const sentence = `The report is in ${options.html}.`;
    printResult({ file: options.html }, sentence, { json: options.json === true });
    return exitCodes.done;
  }
  const text = [told.head, ...told.sections.map(sectionText)].join('\n\n');
  printResult(told.plain, text, { json: options.json === true });
  return exitCodes.done;
}

/** Reads a run's folder and tells what it says. */
export async function readReport(
  path: string,
  options: ReportOptions,
): Promise<{ readonly run: Run; readonly told: Report }> {
  const { store, run } = await openStoredRun(path);
  const { rollouts, verdicts } = await readRun(store, run);
  const forced = await readForced(store, run, rollouts);
  const { all: rubrics } = await knownRubrics(options.rubricFile);
  return { run, told: buildReport({ run, rollouts, verdicts, rubrics, ...forced }, options) };
}
