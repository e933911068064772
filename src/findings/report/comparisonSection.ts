import { judgeLabel } from '../../core/judgeSpec.ts';
import type { Rubric } from '../../core/rubric.ts';
import type { Judging } from '../../core/run.ts';
import type { Comparison } from '../pairPlaces.ts';
import { directionOf, formatDifference, unitOf } from '../formatEstimate.ts';
import { placeLabel, placeText } from './placeText.ts';
import type { Figure, Section } from './section.ts';

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
    claims: claimsOf(comparisons),
    figures: figuresOf(comparisons),
    rows: comparisons.map(({ key, measure, difference }) => {
      const { value, interval } = formatDifference(difference, unitOf(measure));
      const direction = directionOf(difference) ?? 'open';
      const n = `n = ${difference.n}, ${difference.clusters} prompts`;
      return [key.model, ...placeText(key), measure.label, value, interval ?? 'no interval', direction, n];
    }),
  };
}

/** What is settled, a sentence each, and how much is not. */
function claimsOf(comparisons: readonly Comparison[]): string[] {
  const settled = comparisons.flatMap(({ key, base, measure, difference }) => {
    const direction = directionOf(difference);
    if (direction === null) return [];
    const { value, interval } = formatDifference(difference, unitOf(measure));
    const [suite, place] = placeText(key);
    return [
      `${key.model}: “${measure.label}” is ${direction} than at ${base} by ${value.replace(/^[+-]/, '')} in answers to ${suite}, ${place} (95 % interval ${interval ?? ''}, ${difference.clusters} prompts).`,
    ];
  });
  const open = comparisons.length - settled.length;
  return open === 0 ? settled : [...settled, `${open} of ${comparisons.length} comparisons stay open.`];
}

/** One for each measure, its scale as wide as its widest interval. */
function figuresOf(comparisons: readonly Comparison[]): Figure[] {
  return [...new Set(comparisons.map(({ measure }) => measure))].map((measure) => {
    const own = comparisons.filter((comparison) => comparison.measure === measure);
    const ends = own.flatMap(({ difference }) => {
      if (difference.kind === 'none') return [];
      return difference.kind === 'point' ? [difference.value] : [difference.low, difference.high];
    });
    const reach = Math.max(...ends.map(Math.abs), 0) || 1;
    const items = own.map(({ key, difference }) => ({
      model: key.model,
      label: placeLabel(key, own),
      estimate: difference,
    }));
    return { title: measure.label, unit: unitOf(measure), min: -reach, max: reach, items };
  });
}
