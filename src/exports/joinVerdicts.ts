import { judgeLabel } from '../core/judgeSpec.ts';
import { hashOf } from '../core/ids.ts';
import type { Score } from '../core/parseVerdict.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Judging } from '../core/run.ts';
import type { RunFile } from '../core/runFile.ts';
import { type Verdict, judgingOfVerdict } from '../core/verdict.ts';

/** One judging of a run, by the name that its columns and scores have in every export. */
export interface NamedJudging {
  /** Rubric and judge, as `identity/gpt-5.4-mini`, with ", repeat 2" where it is one; a second of that name ends in `#2`. */
  readonly name: string;
  readonly judging: Judging;
  /** The signals that its verdicts have, in the order in which they turn up. */
  readonly signals: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly verdictOn: (rollout: Rollout) => Verdict | undefined;
}

/** A run's verdicts by judging and answer. A judging that no verdict is from has no signals. */
export function joinVerdicts({ run, verdicts }: Pick<RunFile, 'run' | 'verdicts'>): NamedJudging[] {
  const byJudging = new Map<string, Map<string, Verdict>>();
  for (const verdict of verdicts) {
    const hash = hashOf(judgingOfVerdict(verdict));
    const group = byJudging.get(hash) ?? new Map<string, Verdict>();
    byJudging.set(hash, group.set(verdict.rolloutKey, verdict));
  }
  const taken = new Map<string, number>();
  return run.judgings.map((judging) => {
    const plain = plainName(judging);
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    const group = byJudging.get(hashOf(judging)) ?? new Map<string, Verdict>();
    return {
      name: count === 1 ? plain : `${plain}#${count}`,
      judging,
      signals: signalsOf(group.values()),
      verdicts: [...group.values()],
      verdictOn: ({ key }) => group.get(key),
    };
  });
}

function plainName({ rubric, judge, repeat }: Judging): string {
  const who = judge.kind === 'rules' ? 'rules' : judgeLabel(judge);
  return `${rubric}/${who}${repeat === undefined ? '' : `, repeat ${repeat}`}`;
}

/** The score, or undefined where there is none: not judged, failed, or left open by the judge. */
export function scoreOf(verdict: Verdict | undefined, signal: string): Score | undefined {
  if (verdict?.status !== 'scored' || !Object.hasOwn(verdict.scores, signal)) return undefined;
  return verdict.scores[signal];
}

function signalsOf(verdicts: Iterable<Verdict>): string[] {
  const signals = new Set<string>();
  for (const verdict of verdicts) {
    if (verdict.status === 'scored') Object.keys(verdict.scores).forEach((signal) => signals.add(signal));
  }
  return [...signals];
}
