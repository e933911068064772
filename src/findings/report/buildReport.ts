import type { Belief } from '../../core/belief.ts';
import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import type { BeliefSpec } from '../../core/planBeliefs.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging, Run } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type JudgedSet, joinVerdicts } from '../answers.ts';
import { compareModels } from '../compareModels.ts';
import { compareRewards } from '../compareRewards.ts';
import { judgeNames } from '../judgeNames.ts';
import { leakageOf } from '../leakage.ts';
import { summarisePortraits } from '../portrait/summarisePortraits.ts';
import { powerOf } from '../power.ts';
import { rewardMeans } from '../rewardMeans.ts';
import { scoreHistograms } from '../scoreHistograms.ts';
import { type Dimension, type SummaryRow, summarise } from '../summarise.ts';
import { beliefsSections } from './beliefsSections.ts';
import { comparisonSection } from './comparisonSection.ts';
import { leakageSections } from './leakageSections.ts';
import { measuresSection } from './measuresSection.ts';
import { portraitsSection } from './portraitsSection.ts';
import { powerSection } from './powerSection.ts';
import { histogramsSection, rewardsSection } from './rewardsSections.ts';
import { type ReportStep, stepOf } from './reportStep.ts';
import type { Section } from './section.ts';
import { trustSteps } from './trustSteps.ts';

export interface ReportChoice {
  readonly rubric?: readonly string[];
  readonly by: Dimension;
  readonly base?: string;
  /** The judge that is taken to be right, by its label. */
  readonly reference?: string;
  readonly portraits?: boolean;
}

/** The same to be read, in order, and as numbers. */
export interface Report {
  readonly head: string;
  readonly models: readonly Pick<ModelCard, 'id' | 'name' | 'voice'>[];
  readonly sections: readonly Section[];
  readonly plain: object;
}

export interface StoredAnswers {
  readonly run: Run;
  readonly rollouts: ReadonlyMap<string, Rollout>;
  readonly verdicts: readonly Verdict[];
  /** All that this version knows. */
  readonly rubrics: readonly Rubric[];
  /** What forced questions gave, where any are scored. */
  readonly forced?: { readonly specs: readonly BeliefSpec[]; readonly beliefs: ReadonlyMap<string, Belief> };
}

/** What a run says, a part for each rubric and judge. Errors: {@link InputError}. */
export function buildReport(stored: StoredAnswers, choice: ReportChoice): Report {
  const { run, rollouts } = stored;
  const steps = [...reportSteps(stored, choice)];
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
export function* reportSteps(stored: StoredAnswers, choice: ReportChoice): Generator<ReportStep> {
  const { run, rollouts, verdicts } = stored;
  const base = baseOf(run, choice.base);
  const judgings = chooseJudgings(stored, choice);
  const sets = judgings.flatMap(({ judging, rubric }): JudgedSet[] => {
    if (!rubric) return [];
    const answers = joinVerdicts({ run, rollouts: rollouts.values(), verdicts, judging });
    return [{ judging, rubric, answers }];
  });
  const scored = scoredByJudges(sets);
  for (const set of scored) yield partOf(run, set, choice.by, base);
  if (choice.portraits) {
    const portraits = summarisePortraits(run, rollouts.values());
    yield { sections: [portraitsSection(run, portraits)], plain: { portraits } };
  }
  const rewards = compareRewards(run, scored);
  yield stepOf({ rewards }, rewardsSection(rewards, rewardMeans(run, scored)));
  const histograms = scored.flatMap(scoreHistograms);
  yield stepOf({ histograms }, histogramsSection(histograms));
  const unknown = judgings.flatMap(({ judging, rubric }) => (rubric ? [] : [judging]));
  yield stepOf({ unknown }, unknownSection(unknown));
  yield* trustSteps(run, sets, referenceOf(sets, choice.reference));
  if (stored.forced) {
    const { sections, plain } = beliefsSections(run, { ...stored.forced, base });
    yield stepOf({ beliefs: plain }, ...sections);
  }
}

/** Without repeats; and without the labels of people, which are of a sample, unless there is nothing else. */
function scoredByJudges(sets: readonly JudgedSet[]): readonly JudgedSet[] {
  const firsts = sets.filter(({ judging }) => judging.repeat === undefined);
  const own = firsts.filter(({ judging }) => judging.judge.kind !== 'human');
  return own.length > 0 ? own : firsts;
}

/** What one judging says, to be read and as numbers. */
function partOf(run: Run, { judging, rubric, answers }: JudgedSet, by: Dimension, base: string): ReportStep {
  const options = { run, answers, rubric, by: [by] };
  const rows = summarise(options);
  const comparisons = compareModels({ ...options, base });
  const leakage = leakageOf({ ...options, base });
  const settling = powerOf({ ...options, base });
  return stepOf(
    { ...judging, rows: rows.map(plainRow), comparisons, leakage, settling },
    measuresSection(run, { judging, rubric }, rows),
    comparisonSection(run, judging, rubric, comparisons),
    ...leakageSections(run, rubric, leakage),
    powerSection(run, rubric, settling),
  );
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
    rubric: rubrics.find(({ id, version }) => id === judging.rubric && version === judging.rubricVersion),
  }));
  const [unknown] = judgings;
  if (unknown && judgings.every(({ rubric }) => !rubric)) throw new InputError(unknownText(unknown.judging));
  return judgings;
}

const unknownText = ({ rubric, rubricVersion }: Judging): string =>
  `This version of Otherself does not know the rubric ${rubric} (version ${rubricVersion}). Give its file with --rubric-file, or judge the run again.`;

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
