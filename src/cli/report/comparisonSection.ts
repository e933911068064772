import { judgeLabel } from '../../core/judgeSpec.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging } from '../../core/run.ts';
import type { Comparison } from '../../findings/compareModels.ts';
import { directionOf, formatDifference, unitOf } from '../../findings/formatEstimate.ts';
import { placeText } from './placeText.ts';
import type { Section } from './section.ts';

/** Every model against the base, paired by prompt; null where there is nothing to compare. */
export function comparisonSection(
  judging: Judging,
  rubric: Rubric,
  comparisons: readonly Comparison[],
): Section | null {
  const [first] = comparisons;
  if (!first) return null;
  return {
    title: `${rubric.title}, judged by ${judgeLabel(judging.judge)}: against the base, ${first.base}`,
    notes: [
      `Each model less ${first.base} on the same prompts, with paired 95 % intervals; one that holds 0 leaves the difference open.`,
    ],
    columns: ['model', 'suite', 'rows', 'measure', 'difference', '95 %', 'is', 'basis'],
    rows: comparisons.map(({ key, measure, difference }) => {
      const { value, interval } = formatDifference(difference, unitOf(measure));
      const direction = directionOf(difference) ?? 'open';
      const n = `n = ${difference.n}, ${difference.clusters} prompts`;
      return [key.model, ...placeText(key), measure.label, value, interval ?? 'no interval', direction, n];
    }),
  };
}
