import type { Run } from '../../../core/run.ts';
import type { ReportChoice } from '../../../findings/report/buildReport.ts';
import { type Dimension, dimensions } from '../../../findings/rowKey.ts';

/** What the report shows; all of it stands in the address, so that a view can be linked. */
export interface ReportView {
  /** Position in the run's judgings of the one whose numbers are told; null for all. */
  readonly judging: number | null;
  /** A model's id. */
  readonly base: string;
  /** A signal's id; null for all. */
  readonly measure: string | null;
  readonly by: Dimension;
}

/** Reads the query of an address. What the run does not have is left out; the newest judging is told. */
export function parseReportView(query: URLSearchParams, run: Run): ReportView {
  const asked = query.get('judging');
  const judging = asked !== null && /^\d{1,6}$/.test(asked) && Number(asked) < run.judgings.length;
  const base = run.models.find(({ id }) => id === query.get('base')) ?? run.models[0];
  return {
    judging: asked === 'all' ? null : judging ? Number(asked) : newestOf(run),
    base: base?.id ?? '',
    measure: query.get('measure'),
    by: dimensions.find((by) => by === query.get('by')) ?? 'category',
  };
}

/** The `href` of a view; what is as it is by default is left out. */
export function formatReportView(run: Run, view: ReportView): string {
  const query = new URLSearchParams({ report: '' });
  if (view.judging === null && run.judgings.length > 0) query.set('judging', 'all');
  else if (view.judging !== null && view.judging !== newestOf(run))
    query.set('judging', String(view.judging));
  if (view.base !== run.models[0]?.id) query.set('base', view.base);
  if (view.measure !== null) query.set('measure', view.measure);
  if (view.by !== 'category') query.set('by', view.by);
  return `#/results/${encodeURIComponent(run.id)}?${query.toString().replace('report=', 'report')}`;
}

export function choiceOf({ judging, base, measure, by }: ReportView): ReportChoice {
  return { by, base, judging: judging ?? undefined, measure: measure ?? undefined, portraits: true };
}

/** The newest judging, before labels of people and repeats, which are of some of the answers. */
function newestOf({ judgings }: Run): number | null {
  const whole = judgings.findLastIndex(({ judge, repeat }) => judge.kind !== 'human' && repeat === undefined);
  if (whole >= 0) return whole;
  return judgings.length > 0 ? judgings.length - 1 : null;
}
