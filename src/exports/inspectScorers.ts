import { judgeLabel } from '../core/judgeSpec.ts';
import type { Score } from '../core/parseVerdict.ts';
import type { Rollout } from '../core/rollout.ts';
import type { RunFile } from '../core/runFile.ts';
import type { Verdict } from '../core/verdict.ts';
import { joinVerdicts, scoreOf } from './joinVerdicts.ts';

/** A null value becomes NaN, Inspect's sign for unscored, when the log is written. */
export interface InspectScore {
  readonly value: Score | null;
  readonly explanation?: string;
  readonly reason?: string;
}

export interface InspectScorer {
  /** `rubric/judge/signal`. */
  readonly name: string;
  readonly metrics: readonly { readonly name: string; readonly options?: Readonly<Record<string, string>> }[];
  readonly metadata: Readonly<Record<string, string | number>>;
  /** Undefined where the answer was not judged, or not asked for this signal. */
  readonly scoreOn: (rollout: Rollout) => InspectScore | undefined;
}

/** The sample metadata by which standard errors are clustered: the answers to one prompt are no independent draws. */
export const clusterKey = 'prompt';
const metrics = [
  { name: 'inspect_ai/mean' },
  { name: 'inspect_ai/stderr', options: { cluster: clusterKey } },
];

/** A scorer for each signal of each judging; one for a judging whose verdicts all failed. */
export function inspectScorers(data: Pick<RunFile, 'run' | 'verdicts'>): InspectScorer[] {
  return joinVerdicts(data).flatMap(({ name, judging, signals, verdicts, verdictOn }) => {
    const metadata = {
      rubric: judging.rubric,
      rubric_version: judging.rubricVersion,
      judge: judgeLabel(judging.judge),
    };
    const scorer = (signal: string | null): InspectScorer => ({
      name: signal === null ? name : `${name}/${signal}`,
      // A choice is a word: Inspect would take its mean for 0.
      metrics: isNumeric(verdicts, signal) ? metrics : [],
      metadata,
      scoreOn(rollout) {
        const verdict = verdictOn(rollout);
        if (verdict?.status === 'failed') {
          return { value: null, reason: 'grader_failed', explanation: verdict.error };
        }
        const value = signal === null ? undefined : scoreOf(verdict, signal);
        return value === undefined || !verdict ? undefined : { value, explanation: verdict.reason };
      },
    });
    if (verdicts.length === 0) return [];
    return signals.length > 0 ? signals.map(scorer) : [scorer(null)];
  });
}

function isNumeric(verdicts: readonly Verdict[], signal: string | null): boolean {
  return !verdicts.some((verdict) => signal !== null && typeof scoreOf(verdict, signal) === 'string');
}
