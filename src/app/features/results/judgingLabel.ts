import { judgeLabel } from '../../../core/judgeSpec.ts';
import { type Rubric, rubricName, rubricOf } from '../../../core/rubric.ts';
import type { Judging } from '../../../core/run.ts';

/** A judging's name for people, as "Identity, 0 to 100, gpt-5.4-mini". The rubrics of rules say that they are. */
export function judgingLabel(judging: Judging, rubrics: readonly Rubric[]): string {
  const { rubric, judge, repeat } = judging;
  const known = rubricOf(rubrics, judging);
  const by = judge.kind === 'rules' ? `version ${judge.version}` : judgeLabel(judge);
  return `${known ? rubricName(known, rubrics) : rubric}, ${by}${repeat === undefined ? '' : `, repeat ${repeat}`}`;
}
