import { readRollouts, readVerdicts } from '../core/storedRecords.ts';
import { type ExitCode, exitCodes, printResult } from './output.ts';
import { type ReportChoice, buildReport } from './report/buildReport.ts';
import { sectionText } from './report/section.ts';
import { openStoredRun } from './runFolder.ts';

export interface ReportOptions extends ReportChoice {
  readonly json?: boolean;
}

/** Prints what the verdicts of a run say. */
export async function report(path: string, options: ReportOptions): Promise<ExitCode> {
  const { store, run } = await openStoredRun(path);
  const rollouts = await readRollouts(store, run);
  const verdicts = await readVerdicts(store, run, rollouts.keys());
  const { head, sections, plain } = buildReport({ run, rollouts, verdicts }, options);
  const text = [head, ...sections.map(sectionText)].join('\n\n');
  printResult(plain, text, { json: options.json === true });
  return exitCodes.done;
}
