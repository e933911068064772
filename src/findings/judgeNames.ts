import { judgeLabel } from '../core/judgeSpec.ts';
import type { JudgedSet } from './answers.ts';

/** A name for each judge, told apart where one judge scored by the same rubric again with other settings. */
export function judgeNames(sets: readonly JudgedSet[]): string[] {
  return sets.map(({ judging }, place) => {
    const label = judgeLabel(judging.judge);
    const before = sets
      .slice(0, place)
      .filter(({ judging: other }) => other.rubric === judging.rubric && judgeLabel(other.judge) === label);
    return before.length === 0 ? label : `${label} (${before.length + 1})`;
  });
}
