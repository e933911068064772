import { InputError } from '../../core/errors.ts';
import type { ModelCard } from '../../core/model.ts';
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
import { scoreHistograms } from '../scoreHistograms.ts';
import { type Dimension, type SummaryRow, summarise } from '../summarise.ts';
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
}

/** What a run says, a part for each rubric and judge. Errors: {@link InputError}. */
export function buildReport(stored: StoredAnswers, choice: ReportChoice): Report {
  const { run, rollouts, verdicts } = stored;
  const base = baseOf(run, choice.base);
  const sets = chooseJudgings(stored, choice).map((chosen): JudgedSet => {
    const answers = joinVerdicts({ run, rollouts: rollouts.values(), verdicts, judging: chosen.judging });
    return { ...chosen, answers };
  });
  const parts = sets.map((set) => partOf(run, set, choice.by, base));
  const rewards = compareRewards(run, sets);
  const histograms = sets.flatMap(scoreHistograms);
  const judges = compareJudges(sets);
  const corrected = correctedRates(run, sets, referenceOf(sets, choice.reference));
  const portraits = choice.portraits ? summarisePortraits(run, rollouts.values()) : undefined;
  const sections = [
    ...parts.flatMap((part) => part.sections),
    rewardsSection(rewards),
    histogramsSection(histograms),
    ...judgesSections(judges),
    correctedSection(corrected, choice.reference),
    portraits ? portraitsSection(portraits) : null,
  ];
  return {
    head: `${run.name}: ${rollouts.size} answers to ${run.prompts.length} prompts.`,
    models: run.models,
    sections: sections.filter((section) => section !== null),
    plain: {
      run: { id: run.id, name: run.name },
      answers: rollouts.size,
      parts: parts.map(({ plain }) => plain),
      ...{ rewards, histograms, judges, corrected },
      ...(portraits && { portraits }),
    },
  };
}

/** What one judging says, to be read and as numbers. */
function partOf(run: Run, { judging, rubric, answers }: JudgedSet, by: Dimension, base: string) {
  const options = { run, answers, rubric, by: [by] };
  const rows = summarise(options);
  const comparisons = compareModels({ ...options, base });
  const leakage = leakageOf({ ...options, base });
  const settling = powerOf({ ...options, base });
  const sections = [
    measuresSection(run, { judging, rubric }, rows),
    comparisonSection(judging, rubric, comparisons),
    ...leakageSections(rubric, leakage),
    powerSection(rubric, settling),
  ];
  return { sections, plain: { ...judging, rows: rows.map(plainRow), comparisons, leakage, settling } };
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

function chooseJudgings({ run, rubrics }: StoredAnswers, { rubric: names, portraits }: ReportChoice) {
  const chosen = run.judgings.filter(({ rubric }) => !names || names.includes(rubric));
  // Portraits need no judge.
  if (chosen.length === 0 && !portraits) {
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
