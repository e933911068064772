import type { JudgedSet } from '../answers.ts';
import { comparePortraits } from '../portrait/comparePortraits.ts';
import { portraitPlaces } from '../portrait/portraitPlaces.ts';
import { type PortraitReading, readByJudges } from '../portrait/portraitReading.ts';
import { summarisePortraits } from '../portrait/summarisePortraits.ts';
import type { Dimension } from '../summarise.ts';
import { portraitAgreementSection, portraitPlacesSection } from './portraitTables.ts';
import { firstReaderOf, portraitsSection } from './portraitsSection.ts';
import { type ReportStep, stepOf } from './reportStep.ts';
import type { Study } from './study.ts';

/** Who answers, by judges where they noted it, and by patterns beside them; nothing where nobody asks. */
export function* portraitSteps(
  study: Study,
  sets: readonly JudgedSet[],
  { isAsked, by }: { readonly isAsked: boolean; readonly by: Dimension },
): Generator<ReportStep, void> {
  const judges = readByJudges(sets);
  // The patterns are only run where someone wants them: they read every answer.
  if (!isAsked && judges.length === 0) return;
  const names = sets.map(({ judging }) => judging);
  yield* study.kept(JSON.stringify(['portraits', names]), () => portraitsOf(study, judges));
  yield* study.kept(JSON.stringify(['portrait places', names, by]), () => placesOf(study, judges, by));
}

function* portraitsOf(study: Study, judges: readonly PortraitReading[]): Generator<ReportStep, void> {
  const { run } = study.stored;
  const portraits = [...judges, study.patterns].flatMap((reading) => summarisePortraits(run, reading));
  yield stepOf({ portraits }, portraitsSection(run, portraits));
  const portraitAgreement = comparePortraits(judges, study.patterns);
  yield stepOf({ portraitAgreement }, portraitAgreementSection(portraitAgreement));
}

function* placesOf(
  study: Study,
  judges: readonly PortraitReading[],
  by: Dimension,
): Generator<ReportStep, void> {
  const { run } = study.stored;
  const readings = [...judges, study.patterns];
  const reader = firstReaderOf(readings.map((reading) => reading.reader));
  const reading = readings.find((each) => each.reader === reader) ?? study.patterns;
  const places = portraitPlaces(run, reading, by);
  yield stepOf({ portraitPlaces: places }, portraitPlacesSection(run, reading.reader, places));
}
