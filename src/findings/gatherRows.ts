import { samplesAt } from '../core/plan.ts';
import { type Rubric, rubricFits } from '../core/rubric.ts';
import type { PlannedPrompt, Run } from '../core/run.ts';
import type { ScoredVerdict } from '../core/verdict.ts';
import { type JudgedAnswer, cellsOf } from './answers.ts';
import { PromptValues } from './clusters.ts';
import { type AnswerFilter, allowsCell, filterAnswers, looksAtOutcome } from './filterAnswers.ts';
import { type Measure, measuresFor, measuresOf } from './measures.ts';
import { type Dimension, type RowKey, placeKeyOf } from './rowKey.ts';

export interface GatherOptions {
  readonly run: Run;
  readonly answers: readonly JudgedAnswer[];
  /** The rubric of the verdicts in `answers`. */
  readonly rubric?: Rubric;
  /** Rows are per model and suite, and per what stands here. */
  readonly by?: readonly Dimension[];
  readonly filter?: AnswerFilter;
}

/** What the answers of one row hold, from which all that is said of it is reckoned. */
export interface GatheredRow {
  readonly key: RowKey;
  readonly prompts: Set<string>;
  /** Those that the rubric asks for at the row's prompts. */
  readonly measures: Set<Measure>;
  /** Only measures of which a verdict is there. */
  readonly values: Map<Measure, PromptValues>;
  readonly tokens: PromptValues;
  planned: number;
  answers: number;
  failed: number;
  scored: number;
  failedVerdicts: number;
  unjudged: number;
}

export interface Gathered {
  readonly rows: readonly GatheredRow[];
  /** All of the rubric, in its order. */
  readonly measures: readonly Measure[];
  /** Whether answers were left out by what became of them, so that nobody can tell how many are still to come. */
  readonly isByOutcome: boolean;
}

/** Reads every answer once: into a row per model, suite and dimension, in the run's order. */
export function gatherRows(options: GatherOptions): Gathered {
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
    addCell(draft, answers, forPrompt, fits);
  }
  return { rows: [...drafts.values()], measures, isByOutcome: looksAtOutcome(filter) };
}

/** The same a row per model and suite, without reading the answers again. */
export function gatherWhole({ rows, ...others }: Gathered): Gathered {
  const drafts = new Map<string, GatheredRow>();
  for (const row of rows) addRow(draftOf(drafts, { ...row.key, ...wholeKey }, row.measures), row);
  return { ...others, rows: [...drafts.values()] };
}

const wholeKey = { category: null, group: null, temperature: null };

function addRow(draft: GatheredRow, row: GatheredRow): void {
  for (const prompt of row.prompts) draft.prompts.add(prompt);
  for (const [measure, values] of row.values) valuesOf(draft, measure).addAll(values);
  draft.tokens.addAll(row.tokens);
  for (const count of ['planned', 'answers', 'failed', 'scored', 'failedVerdicts', 'unjudged'] as const)
    draft[count] += row[count];
}

/** A row for everything that was planned: one without answers is shown as such. */
function draftRows(
  run: Run,
  by: readonly Dimension[],
  filter: AnswerFilter,
  asked: ReadonlyMap<PlannedPrompt, readonly Measure[]>,
): Map<string, GatheredRow> {
  const drafts = new Map<string, GatheredRow>();
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

function draftOf(drafts: Map<string, GatheredRow>, key: RowKey, asked: Iterable<Measure>): GatheredRow {
  const id = [key.model, key.suite, key.category, key.group, key.temperature].join('\n');
  const draft = drafts.get(id) ?? emptyRow(key);
  for (const measure of asked) draft.measures.add(measure);
  drafts.set(id, draft);
  return draft;
}

function emptyRow(key: RowKey): GatheredRow {
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

/** Adds answers to one prompt. */
function addCell(
  row: GatheredRow,
  answers: readonly JudgedAnswer[],
  asked: readonly Measure[],
  fits: boolean,
): void {
  const { cluster } = answers[0] as JudgedAnswer;
  const scored: ScoredVerdict[] = [];
  row.prompts.add(cluster);
  for (const { rollout, verdict } of answers) {
    if (rollout.status === 'failed') {
      row.failed += 1;
      continue;
    }
    row.answers += 1;
    row.tokens.add(cluster, rollout.tokens);
    if (verdict?.status === 'scored') scored.push(verdict);
    else if (verdict) row.failedVerdicts += 1;
    else if (fits) row.unjudged += 1;
  }
  row.scored += scored.length;
  for (const measure of scored.length > 0 ? asked : []) {
    const values = valuesOf(row, measure);
    for (const { scores } of scored) values.add(cluster, measure.read(scores));
  }
}

function valuesOf({ values }: GatheredRow, measure: Measure): PromptValues {
  let own = values.get(measure);
  if (!own) values.set(measure, (own = new PromptValues()));
  return own;
}
