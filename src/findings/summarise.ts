import { samplesAt } from '../core/plan.ts';
import { type Rubric, rubricFits } from '../core/rubric.ts';
import type { PlannedPrompt, Run } from '../core/run.ts';
import { type JudgedAnswer, cellsOf } from './answers.ts';
import { PromptValues } from './clusters.ts';
import { type Estimate, meanByCluster } from './estimate.ts';
import { estimateOf } from './estimateMeasure.ts';
import { type AnswerFilter, allowsCell, filterAnswers, looksAtOutcome, statusOf } from './filterAnswers.ts';
import { type Measure, measuresFor, measuresOf } from './measures.ts';

export const dimensions = ['category', 'group', 'temperature'] as const;
export type Dimension = (typeof dimensions)[number];

/** Null where it is not split by this, or where the prompts have no group. */
export interface PlaceKey {
  readonly suite: string;
  readonly category: string | null;
  readonly group: string | null;
  readonly temperature: number | null;
}

/** What a row is about. */
export interface RowKey extends PlaceKey {
  readonly model: string;
}

export interface RowCounts {
  readonly prompts: number;
  /** Answers that are there. */
  readonly answers: number;
  /** Asked for in vain: the engine failed. */
  readonly failed: number;
  /** Planned and not asked for yet; null when the filter looks at outcomes, since nobody can tell then. */
  readonly missing: number | null;
  readonly scored: number;
  /** Verdicts that could not be read or had. */
  readonly failedVerdicts: number;
  /** Answers that the rubric fits and that have no verdict. */
  readonly unjudged: number;
}

export interface MeasureSummary {
  readonly measure: Measure;
  /** Its `missing` counts the scored answers whose verdict lacks this score. */
  readonly estimate: Estimate;
}

export interface SummaryRow {
  readonly key: RowKey;
  readonly counts: RowCounts;
  /** Only what the rubric asks at the row's prompts; empty without a rubric. */
  readonly measures: readonly MeasureSummary[];
  /** Tokens of an answer. */
  readonly tokens: Estimate;
}

export interface SummariseOptions {
  readonly run: Run;
  readonly answers: readonly JudgedAnswer[];
  /** The rubric of the verdicts in `answers`. */
  readonly rubric?: Rubric;
  /** Rows are per model and suite, and per what stands here. */
  readonly by?: readonly Dimension[];
  readonly filter?: AnswerFilter;
}

interface Draft {
  readonly key: RowKey;
  readonly prompts: Set<string>;
  readonly measures: Set<Measure>;
  readonly values: Map<Measure, PromptValues>;
  readonly tokens: PromptValues;
  planned: number;
  answers: number;
  failed: number;
  scored: number;
  failedVerdicts: number;
  unjudged: number;
}

/** What the answers say, a row per model, suite and dimension, in the run's order. */
export function summarise(options: SummariseOptions): SummaryRow[] {
  const { run, rubric, by = ['category'], filter = {} } = options;
  const measures = rubric ? measuresOf(rubric) : [];
  const asked = new Map(
    run.prompts.map((prompt) => [prompt, rubric ? measuresFor(rubric, measures, prompt) : []]),
  );
  const drafts = draftRows(run, by, filter, asked);
  for (const { prompt, model, temperature, answers } of cellsOf(filterAnswers(options.answers, filter))) {
    const forPrompt = asked.get(prompt) ?? [];
    const draft = draftOf(drafts, keyOf(by, prompt, model, temperature), forPrompt);
    const fits = rubric !== undefined && rubricFits(rubric, prompt);
    for (const answer of answers) addAnswer(draft, answer, forPrompt, fits);
  }
  const known = !looksAtOutcome(filter);
  return [...drafts.values()]
    .filter((draft) => known || draft.answers + draft.failed > 0)
    .map((draft) => rowOf(draft, measures, known));
}

/** A row for everything that was planned: one without answers is shown as such. */
function draftRows(
  run: Run,
  by: readonly Dimension[],
  filter: AnswerFilter,
  asked: ReadonlyMap<PlannedPrompt, readonly Measure[]>,
): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const { id: model } of run.models) {
    for (const prompt of run.prompts) {
      for (const temperature of run.temperatures) {
        if (!allowsCell(filter, prompt, model, temperature)) continue;
        const key = keyOf(by, prompt, model, temperature);
        draftOf(drafts, key, asked.get(prompt) ?? []).planned += samplesAt(run, temperature);
      }
    }
  }
  return drafts;
}

function keyOf(by: readonly Dimension[], prompt: PlannedPrompt, model: string, temperature: number): RowKey {
  return { model, ...placeKeyOf(by, prompt, temperature) };
}

export function placeKeyOf(by: readonly Dimension[], prompt: PlannedPrompt, temperature: number): PlaceKey {
  return {
    suite: prompt.suite,
    category: by.includes('category') ? prompt.category : null,
    group: by.includes('group') ? (prompt.group ?? null) : null,
    temperature: by.includes('temperature') ? temperature : null,
  };
}

function draftOf(drafts: Map<string, Draft>, key: RowKey, asked: readonly Measure[]): Draft {
  const id = [key.model, key.suite, key.category, key.group, key.temperature].join('\n');
  const draft = drafts.get(id) ?? emptyDraft(key);
  for (const measure of asked) draft.measures.add(measure);
  drafts.set(id, draft);
  return draft;
}

function emptyDraft(key: RowKey): Draft {
  return {
    key,
    prompts: new Set(),
    measures: new Set(),
    values: new Map(),
    tokens: new PromptValues(),
    planned: 0,
    answers: 0,
    failed: 0,
    scored: 0,
    failedVerdicts: 0,
    unjudged: 0,
  };
}

function addAnswer(draft: Draft, answer: JudgedAnswer, asked: readonly Measure[], fits: boolean): void {
  const { rollout, verdict, cluster } = answer;
  draft.prompts.add(cluster);
  const status = statusOf(answer);
  if (rollout.status === 'failed') {
    draft.failed += 1;
    return;
  }
  draft.answers += 1;
  draft.tokens.add(cluster, rollout.tokens);
  if (status === 'unreadable') draft.failedVerdicts += 1;
  if (status === 'unjudged' && fits) draft.unjudged += 1;
  if (verdict?.status !== 'scored') return;
  draft.scored += 1;
  for (const measure of asked) {
    let values = draft.values.get(measure);
    if (!values) draft.values.set(measure, (values = new PromptValues()));
    values.add(cluster, measure.read(verdict.scores));
  }
}

function rowOf(draft: Draft, measures: readonly Measure[], known: boolean): SummaryRow {
  const { key, prompts, answers, failed, scored, failedVerdicts, unjudged } = draft;
  const missing = known ? Math.max(0, draft.planned - answers - failed) : null;
  return {
    key,
    counts: { prompts: prompts.size, answers, failed, missing, scored, failedVerdicts, unjudged },
    measures: measures
      .filter((measure) => draft.measures.has(measure))
      .map((measure) => ({ measure, estimate: estimateOf(measure, draft.values.get(measure) ?? []) })),
    tokens: meanByCluster(draft.tokens, { range: { min: 0, max: Infinity } }),
  };
}
