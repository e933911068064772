import type { Belief } from '../../core/belief.ts';
import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
import type { BeliefSpec } from '../../core/planBeliefs.ts';
import type { Rollout } from '../../core/rollout.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Run } from '../../core/run.ts';
import type { Verdict } from '../../core/verdict.ts';
import { type JudgedSet, joinVerdicts } from '../answers.ts';
import { compareJudges, correctedRates } from '../compareJudges.ts';
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
import { correctedSection, judgesSections } from './judgesSections.ts';
import { leakageSections } from './leakageSections.ts';
import { measuresSection } from './measuresSection.ts';
import { portraitsSection } from './portraitsSection.ts';
import { powerSection } from './powerSection.ts';
import { histogramsSection, rewardsSection } from './rewardsSections.ts';
import type { Section } from './section.ts';

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

/** Sections that belong together, as soon as they are reckoned, and the same as numbers. */
export interface ReportStep {
  readonly sections: readonly Section[];
  readonly plain: { readonly [name: string]: unknown };
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
  const sets = chooseJudgings(stored, choice).map((chosen): JudgedSet => {
    const answers = joinVerdicts({ run, rollouts: rollouts.values(), verdicts, judging: chosen.judging });
    return { ...chosen, answers };
  });
  for (const set of sets) yield partOf(run, set, choice.by, base);
  if (choice.portraits) {
    const portraits = summarisePortraits(run, rollouts.values());
    yield { sections: [portraitsSection(run, portraits)], plain: { portraits } };
  }
  const rewards = compareRewards(run, sets);
  yield stepOf({ rewards }, rewardsSection(rewards, rewardMeans(run, sets)));
  const histograms = sets.flatMap(scoreHistograms);
  yield stepOf({ histograms }, histogramsSection(histograms));
  const judges = compareJudges(sets);
  yield stepOf({ judges }, ...judgesSections(judges));
  const corrected = correctedRates(run, sets, referenceOf(sets, choice.reference));
  yield stepOf({ corrected }, correctedSection(corrected, choice.reference));
  if (stored.forced) {
    const { sections, plain } = beliefsSections(run, { ...stored.forced, base });
    yield stepOf({ beliefs: plain }, ...sections);
  }
}

function stepOf(plain: ReportStep['plain'], ...sections: readonly (Section | null)[]): ReportStep {
  return { plain, sections: sections.filter((section) => section !== null) };
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
  return chosen.map((judging) => {
    const rubric = rubrics.find(
      ({ id, version }) => id === judging.rubric && version === judging.rubricVersion,
    );
    if (rubric) return { judging, rubric };
    const asked = `${judging.rubric} (version ${judging.rubricVersion})`;
    throw new InputError(`This version of Otherself does not know the rubric ${asked}. Judge the run again.`);
  });
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
