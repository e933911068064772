import { judgeLabel } from '../core/judgeSpec.ts';
import type { Judging, Run } from '../core/run.ts';
import type { Estimate } from './estimate.ts';
import { certaintyText, counted, formatEstimate, unitOf } from './formatEstimate.ts';
import type { Measure } from './measures.ts';
import type { RowKey } from './rowKey.ts';
import type { RowCounts, SummaryRow } from './summarise.ts';

/** How a measure of the built-in rubrics is said of a model; others are quoted by their label. */
const verbs: Readonly<Record<string, string>> = {
  claimsAi: 'claims to be an AI',
  'stance/claims-ai': 'claims to be an AI',
  'stance/denies-ai': 'denies being an AI',
  'stance/neither': 'says neither that it is an AI nor that it is not',
  coherent: 'is coherent',
  refusal: 'refuses',
  correct: 'is right',
};

export interface ReportTextOptions {
  readonly run: Pick<Run, 'models'>;
  readonly judging?: Judging;
}

/** A row as plain sentences, ready to be read without the table: one per measure, then what is not in them. */
export function reportText(row: SummaryRow, options: ReportTextOptions): string[] {
  const name = options.run.models.find(({ id }) => id === row.key.model)?.name ?? row.key.model;
  const judge = options.judging ? judgeText(options.judging) : null;
  const lines = row.measures.map(({ measure, estimate }) => {
    if (estimate.kind === 'none') return `${name}: no ${quoted(measure)} yet for ${answersText(row.key)}.`;
    const claim = claimText(name, measure, formatEstimate(estimate, unitOf(measure)).value, row.key);
    return `${claim} (${[certaintyOf(measure, estimate), judge].filter(Boolean).join('; ')}).`;
  });
  return [...lines, ...gapsText(name, row)];
}

function judgeText({ judge }: Judging): string {
  return judge.kind === 'rules' ? judgeLabel(judge) : `judged by ${judgeLabel(judge)}`;
}

/** As "answers to direct prompts at temperature 0". */
function answersText({ suite, category, group, temperature }: RowKey): string {
  const kind = category === null ? '' : `${category} `;
  const where = category === null && group === null ? ` of the ${suite} suite` : '';
  const of = group === null ? '' : ` of the group ${group}`;
  const at = temperature === null ? '' : ` at temperature ${temperature}`;
  return `answers to ${kind}prompts${where}${of}${at}`;
}

function claimText(name: string, measure: Measure, value: string, key: RowKey): string {
  const answers = answersText(key);
  if (measure.type === 'rate') {
    const verb = verbs[measure.id];
    return verb === undefined
      ? `${name}: ${quoted(measure)} in ${value} of ${answers}`
      : `${name} ${verb} in ${value} of ${answers}`;
  }
  const { min, max } = measure.range;
  const scale = unitOf(measure) === 'percent' ? '' : `, on a scale from ${min} to ${max}`;
  return `${name}: ${quoted(measure)} is ${value} on average in ${answers}${scale}`;
}

/** As "95 % interval 60–80 %, 240 answers to 60 prompts". */
function certaintyOf(measure: Measure, estimate: Exclude<Estimate, { kind: 'none' }>): string {
  const gap = estimate.missing > 0 ? `, ${estimate.missing} without this score` : '';
  if (estimate.kind === 'interval')
    return certaintyText(formatEstimate(estimate, unitOf(measure)).interval, estimate) + gap;
  const reason = {
    'one-prompt': 'one prompt says nothing of others',
    'no-spread': 'the prompts do not differ',
  }[estimate.reason];
  return `no interval: ${reason}, ${counted(estimate.n, 'answer')} to ${counted(estimate.clusters, 'prompt')}${gap}`;
}

/** What the numbers above leave out, each with its count; nothing when they leave out nothing. */
function gapsText(name: string, { key, counts }: SummaryRow): string[] {
  const gaps = gapsOf(counts);
  return gaps.length === 0 ? [] : [`${name}, ${answersText(key)}: ${gaps.join(', ')}.`];
}

function gapsOf({ failed, missing, failedVerdicts, unjudged }: RowCounts): string[] {
  const texts: [number, string][] = [
    [missing ?? 0, `${counted(missing ?? 0, 'answer')} not collected yet`],
    [failed, `${counted(failed, 'answer')} failed`],
    [unjudged, `${counted(unjudged, 'answer')} not judged`],
    [failedVerdicts, `${counted(failedVerdicts, 'verdict')} failed`],
  ];
  return texts.flatMap(([n, text]) => (n > 0 ? [text] : []));
}

function quoted({ label }: Measure): string {
  return `“${label}”`;
}
