import { judgeLabel } from '../../core/judgeSpec.ts';
import type { Run } from '../../core/run.ts';
import type { JudgedSet } from '../answers.ts';
import { compareJudges, correctedRates } from '../compareJudges.ts';
import { judgeRepeats } from '../judgeRepeats.ts';
import { rubricChanges } from '../rubricChanges.ts';
import { worstDisagreements } from '../worstDisagreements.ts';
import { correctedSection, judgesSections } from './judgesSections.ts';
import { type ReportStep, stepOf } from './reportStep.ts';
import { disagreementsSection, repeatsSection, rubricChangesSection } from './trustSections.ts';

/** Of each signal, judge and person: enough to see a pattern. */
const disagreementsShown = 3;

/** Whether the judges are to be trusted: with themselves, with each other, with people, from version to version. */
export function* trustSteps(
  run: Run,
  sets: readonly JudgedSet[],
  asked: string | undefined,
): Generator<ReportStep> {
  const firsts = sets.filter(({ judging }) => judging.repeat === undefined);
  const repeats = judgeRepeats(sets);
  yield stepOf({ repeats }, repeatsSection(repeats));
  const judges = compareJudges(firsts);
  yield stepOf({ judges }, ...judgesSections(judges));
  const disagreements = worstDisagreements(firsts, disagreementsShown);
  yield stepOf({ disagreements }, disagreementsSection(disagreements));
  const reference = asked ?? personIn(firsts);
  const corrected = correctedRates(run, firsts, reference);
  yield stepOf({ corrected }, correctedSection(corrected, reference));
  const changes = rubricChanges(run, firsts);
  yield stepOf({ changes }, rubricChangesSection(changes));
}

/** Without another word people are taken to be right, and the first who labelled before the others. */
function personIn(sets: readonly JudgedSet[]): string | undefined {
  const person = sets.find(({ judging }) => judging.judge.kind === 'human');
  return person && judgeLabel(person.judging.judge);
}
