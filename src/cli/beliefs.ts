import { collectBeliefs, type BeliefEvent } from '../core/collectBeliefs.ts';
import type { CollectOutcome } from '../core/collectEvent.ts';
import { readRollouts } from '../core/storedRecords.ts';
import { planRunBeliefs } from '../reporting/readForced.ts';
import { collectOnEngines, exitCodeOf } from './collectOnEngines.ts';
import { type ExitCode, printResult, say, startProgress } from './output.ts';
import { openStoredRun } from './runFolder.ts';

export interface BeliefsOptions {
  readonly apiKeyEnv?: string;
  readonly json?: boolean;
}

/** Scores what the models of a run would say of themselves if they had to. */
export async function beliefs(path: string, options: BeliefsOptions): Promise<ExitCode> {
  const { store, run } = await openStoredRun(path);
  const specs = planRunBeliefs(run, (await readRollouts(store, run)).values());
  const onEvent = describeTo(options.json === true);
  const { apiKeyEnv } = options;
  const outcome = await collectOnEngines(
    { whatIsKept: 'Every score is stored.', apiKeyEnv, onEvent },
    (parts) => collectBeliefs(run, specs, { store, ...parts }),
  );
  printResult({ folder: path, ...outcome }, sentenceOf(outcome, path), { json: options.json === true });
  return exitCodeOf(outcome);
}

function describeTo(quiet: boolean) {
  let line = startProgress(0, '', { quiet });
  const show = (event: BeliefEvent): void => {
    if (event.type === 'planned') {
      if (event.counts.done > 0) say(`${event.counts.done} are stored already.`);
      line = startProgress(event.counts.total, 'Scoring', { quiet });
    } else if (event.type === 'loaded') event.facts.notes.forEach(say);
    else if (event.type === 'lost') say(`${event.error} Loading ${event.model.name} again.`);
    else if (event.type === 'belief')
      line.update(event.counts.done, event.counts.failed > 0 ? `${event.counts.failed} failed` : '');
  };
  return Object.assign(show, { end: () => line.stop() });
}

function sentenceOf(outcome: CollectOutcome, path: string): string {
  const { total, done, failed } = outcome.counts;
  const sentences = [
    `${done} of ${total} forced answers are scored${failed > 0 ? `, ${failed} failed` : ''}.`,
    ...('error' in outcome ? [outcome.error] : []),
    done === total ? `See them with: otherself report ${path}` : 'Type the same command again to go on.',
  ];
  return sentences.join(' ');
}
