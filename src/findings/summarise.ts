import { type Estimate, meanByCluster } from './estimate.ts';
import { estimateOf } from './estimateMeasure.ts';
import type { Gathered, GatheredRow } from './gatherRows.ts';
import type { Measure } from './measures.ts';
import type { RowKey } from './rowKey.ts';

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

/** What the answers say, a row per model, suite and dimension, in the run's order. */
export function summarise({ rows, measures, isByOutcome }: Gathered): SummaryRow[] {
  return rows
    .filter((row) => !isByOutcome || row.answers + row.failed > 0)
    .map((row) => rowOf(row, measures, !isByOutcome));
}

function rowOf(draft: GatheredRow, measures: readonly Measure[], known: boolean): SummaryRow {
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
