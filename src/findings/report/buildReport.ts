import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import type { Judging, Run } from '../../core/run.ts';
import { rubricName, rubricOf } from '../../core/rubric.ts';
import type { JudgedSet } from '../answers.ts';
import { compareRewards } from '../compareRewards.ts';
import { gatherRows, gatherWhole } from '../gatherRows.ts';
import { judgeNames } from '../judgeNames.ts';
import { leakageOf } from '../leakage.ts';
import { pairPlaces } from '../pairPlaces.ts';
import { placesOf } from '../placeValues.ts';
import { powerOf } from '../power.ts';
import { rewardMeans } from '../rewardMeans.ts';
import { scoreHistograms } from '../scoreHistograms.ts';
import type { Dimension } from '../rowKey.ts';
import { type SummaryRow, summarise } from '../summarise.ts';
import { beliefsSections } from './beliefsSections.ts';
import { judgeLabel } from '../../core/judgeSpec.ts';
import { judgedTitle } from './figureParts.ts';
import { comparisonSection } from './comparisonSection.ts';
import { leakageSections } from './leakageSections.ts';
import { measuresSection } from './measuresSection.ts';
import { portraitSteps } from './portraitSteps.ts';
import { powerSection } from './powerSection.ts';
import { histogramsSection, rewardsSection } from './rewardsSections.ts';
import { type ReportStep, stepOf } from './reportStep.ts';
import type { Section } from './section.ts';
import { type StoredAnswers, Study } from './study.ts';
import { trustSteps } from './trustSteps.ts';

export interface ReportChoice {
  readonly rubric?: readonly string[];
  readonly by: Dimension;
  readonly base?: string;
  /** The judge that is taken to be right, by its label. */
  readonly reference?: string;
  readonly portraits?: boolean;
  /** Position in the run's judgings of the one whose own sections are told; absent: all. */
  readonly judging?: number | undefined;
  /** The id of the measure that those sections are narrowed to, where they have it. */
  readonly measure?: string | undefined;
}

/** The same to be read, in order, and as numbers. */
export interface Report {
  readonly head: string;
  readonly models: readonly Pick<ModelCard, 'id' | 'name' | 'voice'>[];
  readonly sections: readonly Section[];
  readonly plain: object;
}

/** What a run says, a part for each rubric and judge. Errors: {@link InputError}. */
export function buildReport(stored: StoredAnswers, choice: ReportChoice): Report {
  const { run, rollouts } = stored;
  const steps = [...reportSteps(new Study(stored), choice)];
  return {
    head: headOf(stored),
    models: run.models,
    sections: steps.flatMap(({ sections }) => sections),
    plain: {
      run: { id: run.id, name: run.name },
      answers: rollouts.size,
      parts: steps.flatMap(({ plain }) => ('rows' in plain ? [plain] : [])),
      ...Object.fromEntries(steps.flatMap(({ plain }) => ('rows' in plain ? [] : Object.entries(plain)))),
    },
  };
}

export function headOf({ run, rollouts }: Pick<StoredAnswers, 'run' | 'rollouts'>): string {
  return `${run.name}: ${rollouts.size} answers to ${run.prompts.length} prompts.`;
}

/** The parts of a report in their order, each reckoned when it is asked for. Errors: {@link InputError}. */
export function* reportSteps(study: Study, choice: ReportChoice): Generator<ReportStep, void> {
  const { run, forced } = study.stored;
  const { base, judgings, sets } = yield* judgingSteps(study, choice);
  // Whichever judging is told, these are of all.
  yield* portraitSteps(study, sets, { isAsked: choice.portraits === true, by: choice.by });
  const name = JSON.stringify([choice.rubric, choice.reference]);
  yield* study.kept(name, () => acrossJudgings(study, choice, judgings, sets));
  if (forced) {
    const { sections, plain } = beliefsSections(run, { ...forced, base });
    yield stepOf({ beliefs: plain }, ...sections);
  }
}

/** What each judging that is told measured: how a report begins. Errors: {@link InputError}. */
export function* judgingSteps(study: Study, choice: ReportChoice) {
  const { run } = study.stored;
  const base = baseOf(run, choice.base);
  const judgings = chooseJudgings(study.stored, choice);
  const around = judgings.flatMap(({ rubric }) => rubric ?? []);
  const sets = judgings.flatMap(({ judging, rubric }): JudgedSet[] =>
    rubric
      ? [
          {
            judging,
            rubric: { ...rubric, title: rubricName(rubric, around) },
            answers: study.answersOf(judging),
          },
        ]
      : [],
  );
  const scored = scoredByJudges(sets);
  const told = choice.judging === undefined ? undefined : run.judgings[choice.judging];
  for (const set of told ? sets.filter(({ judging }) => judging === told) : scored)
    yield partOf(run, narrowed(set, choice.measure), choice.by, base);
  return { base, judgings, sets };
}

/** What several judgings say of each other. */
function* acrossJudgings(
  study: Study,
  choice: ReportChoice,
  judgings: ReturnType<typeof chooseJudgings>,
  sets: readonly JudgedSet[],
): Generator<ReportStep, void> {
  const { run } = study.stored;
  const scored = scoredByJudges(sets);
  const rewards = compareRewards(run, scored);
  yield stepOf({ rewards }, rewardsSection(rewards, rewardMeans(run, scored)));
  const histograms = scored.flatMap(scoreHistograms);
  yield stepOf({ histograms }, histogramsSection(histograms));
  const unknown = judgings.flatMap(({ judging, rubric }) => (rubric ? [] : [judging]));
  yield stepOf({ unknown }, unknownSection(unknown));
  yield* trustSteps(run, sets, referenceOf(sets, choice.reference));
}

/** Without repeats; and without the labels of people, which are of a sample, unless there is nothing else. */
function scoredByJudges(sets: readonly JudgedSet[]): readonly JudgedSet[] {
  const firsts = sets.filter(({ judging }) => judging.repeat === undefined);
  const own = firsts.filter(({ judging }) => judging.judge.kind !== 'human');
  return own.length > 0 ? own : firsts;
}

/** What one judging says, to be read and as numbers. */
function partOf(run: Run, { judging, rubric, answers }: JudgedSet, by: Dimension, base: string): ReportStep {
  const gathered = gatherRows({ run, answers, rubric, by: [by] });
  const rows = summarise(gathered);
  const pairs = pairPlaces(run, placesOf(gathered), base);
  const comparisons = pairs.map(({ comparison }) => comparison);
  const leakage = leakageOf({ run, answers, rubric, base });
  const settling = powerOf(pairs);
  const about = judgedTitle(rubric.title, judgeLabel(judging.judge));
  return stepOf(
    { ...judging, rows: rows.map(plainRow), comparisons, leakage, settling },
    measuresSection(run, { judging, rubric }, rows, summarise(gatherWhole(gathered))),
    comparisonSection(run, about, comparisons),
    ...leakageSections(run, about, leakage),
    powerSection(run, about, settling),
  );
}

/** With the rubric's one signal that the measure reads; a reward needs them all. */
function narrowed(set: JudgedSet, measure: string | undefined): JudgedSet {
  const signals = set.rubric.signals.filter(({ id }) => measure === id || measure?.startsWith(`${id}/`));
  return signals.length === 0 ? set : { ...set, rubric: { ...set.rubric, signals } };
}

function referenceOf(sets: readonly JudgedSet[], asked: string | undefined): string | undefined {
  const known = new Set(judgeNames(sets));
  if (asked === undefined || known.has(asked)) return asked;
  throw new InputError(`There are no verdicts by a judge "${asked}". There are: ${[...known].join(', ')}.`);
}

function baseOf(run: Run, asked: string | undefined): string {
  const known = run.models.map(({ id }) => id);
  const base = asked ?? known[0] ?? '';
  if (known.includes(base)) return base;
  throw new InputError(`This run has no model "${base}" to compare with. It has: ${known.join(', ')}.`);
}

function chooseJudgings({ run, rubrics, forced }: StoredAnswers, { rubric: names, portraits }: ReportChoice) {
  const chosen = run.judgings.filter(({ rubric }) => !names || names.includes(rubric));
  // Portraits and forced answers need no judge.
  if (chosen.length === 0 && !portraits && !forced) {
    const known = run.judgings.map(({ rubric }) => rubric).join(', ');
    throw new InputError(
      known === ''
        ? 'Nothing of this run is judged yet. Judge it first with: otherself judge <folder>'
        : `No verdicts by these rubrics. This run was judged by: ${known}.`,
    );
  }
  const judgings = chosen.map((judging) => ({
    judging,
    rubric: rubricOf(rubrics, judging),
  }));
  const [unknown] = judgings;
  if (unknown && judgings.every(({ rubric }) => !rubric)) throw new InputError(unknownText(unknown.judging));
  return judgings;
}

const unknownText = ({ rubric, rubricVersion }: Judging): string =>
  `This version of Otherself does not know the rubric ${rubric} (version ${rubricVersion}). Load its file (--rubric-file in the command line), or judge the run again.`;

/** What could not be read, said where it would have stood; null where all could. */
function unknownSection(judgings: readonly Judging[]): Section | null {
  const gaps = [...new Set(judgings.map(unknownText))];
  return gaps.length === 0 ? null : { title: 'Left out', notes: [], columns: [], rows: [], gaps };
}

function plainRow({ key, counts, measures, tokens }: SummaryRow) {
  return {
    ...key,
    ...counts,
    tokens,
    measures: measures.map(({ measure, estimate }) => ({
      id: measure.id,
      label: measure.label,
      ...estimate,
    })),
  };
}
