import type { JudgedSet } from '../answers.ts';
import { lazily } from '../lazily.ts';
import { comparePortraits } from '../portrait/comparePortraits.ts';
import { portraitPlaces, portraitPrompts } from '../portrait/portraitPlaces.ts';
import { type PortraitReading, isPortrait, readByJudges } from '../portrait/portraitReading.ts';
import { summarisePortraits } from '../portrait/summarisePortraits.ts';
import type { Dimension } from '../rowKey.ts';
import { byPlace, byPrompt, portraitAgreementSection, portraitPartsSection } from './portraitTables.ts';
import { firstReaderOf, portraitsSection } from './portraitsSection.ts';
import { type ReportStep, stepOf } from './reportStep.ts';
import type { Study } from './study.ts';

/** Who answers, by judges where they noted it, and by patterns beside them; nothing where nobody asks. */
export function* portraitSteps(
  study: Study,
  sets: readonly JudgedSet[],
  { isAsked, by }: { readonly isAsked: boolean; readonly by: Dimension },
): Generator<ReportStep, void> {
  const judged = sets.filter(isPortrait);
  // Every answer is read for them.
  if (!isAsked && judged.length === 0) return;
  const names = judged.map(({ judging }) => judging);
  const judges = lazily(() => readByJudges(judged));
  yield* study.kept(JSON.stringify(['portraits', names]), () => portraitsOf(study, judges()));
  yield* study.kept(JSON.stringify(['portrait places', names, by]), () => placesOf(study, judges(), by));
  yield* study.kept(JSON.stringify(['portrait prompts', names]), () => promptsOf(study, judges()));
}

function* portraitsOf(study: Study, judges: readonly PortraitReading[]): Generator<ReportStep, void> {
  const { run } = study.stored;
  const { patterns } = study;
  yield { sections: [], plain: {}, isReading: true };
  const portraits = [...judges, patterns].flatMap((reading) => summarisePortraits(run, reading));
  yield stepOf({ portraits }, portraitsSection(run, portraits));
  const portraitAgreement = comparePortraits(judges, patterns);
  yield stepOf({ portraitAgreement }, portraitAgreementSection(portraitAgreement));
}

function* promptsOf(study: Study, judges: readonly PortraitReading[]): Generator<ReportStep, void> {
  const { run } = study.stored;
  const reading = firstReadingOf(study, judges);
  const parts = portraitPrompts(run, reading);
  const section = portraitPartsSection(run, { reader: reading.reader, parts }, byPrompt);
  yield stepOf({ portraitPrompts: parts }, section);
}

function* placesOf(
  study: Study,
  judges: readonly PortraitReading[],
  by: Dimension,
): Generator<ReportStep, void> {
  const { run } = study.stored;
  const reading = firstReadingOf(study, judges);
  const parts = portraitPlaces(run, reading, by);
  const section = portraitPartsSection(run, { reader: reading.reader, parts }, byPlace);
  yield stepOf({ portraitPlaces: parts }, section);
}

function firstReadingOf(study: Study, judges: readonly PortraitReading[]): PortraitReading {
  const readings = [...judges, study.patterns];
  const reader = firstReaderOf(readings.map((reading) => reading.reader));
  return readings.find((each) => each.reader === reader) ?? study.patterns;
}
