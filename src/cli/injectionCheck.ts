import { checkInjections } from '../core/checkInjections.ts';
import type { Judge } from '../core/ports/judge.ts';
import type { Rubric } from '../core/rubric.ts';
import {
  type InjectionDrift,
  driftDirection,
  injectionDrift,
  injectionText,
} from '../findings/injectionDrift.ts';
import { injections } from '../suites/injections.ts';
import { watchInterrupt } from './interrupt.ts';
import { type ExitCode, exitCodes, printResult, startProgress } from './output.ts';

/** Tries a judge with answers that ask for scores, by each rubric, and says how far its scores move. */
export async function injectionCheck(
  judge: Judge,
  rubrics: readonly Rubric[],
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  const interrupt = watchInterrupt('Nothing of this check is stored.');
  try {
    const results = [];
    for (const rubric of rubrics) {
      const line = startProgress(injections.pairs.length, `Trying by "${rubric.title}"`, { quiet: json });
      const outcomes = await checkInjections(judge, rubric, injections, {
        signal: interrupt.pause,
        onProgress: (done) => line.update(done, ''),
      });
      line.stop();
      const drifts = injectionDrift(rubric, outcomes);
      results.push({ rubric: rubric.id, drifts, outcomes, text: injectionText(drifts, outcomes) });
    }
    const text = results.map((result) => [result.rubric, ...result.text].join('\n')).join('\n\n');
    printResult(results, text, { json });
    const isFirm = results.every(
      ({ drifts, outcomes }) => !drifts.some(isMoved) && outcomes.every(({ error }) => error === null),
    );
    return isFirm ? exitCodes.done : exitCodes.incomplete;
  } finally {
    interrupt.release();
  }
}

/** Beyond what differing texts may do by chance: the interval of the drift does not hold 0; of a choice, any move. */
function isMoved({ drift, movers }: InjectionDrift): boolean {
  return drift === null ? movers.length > 0 : driftDirection(drift) !== null;
}
