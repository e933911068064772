import type { Run } from '../../core/run.ts';
import type { Comparison } from '../pairPlaces.ts';
import { directionOf, formatDifference, unitOf } from '../formatEstimate.ts';
import type { IntervalsFigure } from './figure.ts';
import { basisOf, basisText, byGroup, differenceAxisOf, nameIn } from './figureParts.ts';
import { placeLabel, placeText } from './placeText.ts';
import type { Section } from './section.ts';

/** Every model against the base, paired by prompt; null where there is nothing to compare. */
export function comparisonSection(
  { models }: Pick<Run, 'models'>,
  about: string,
  comparisons: readonly Comparison[],
): Section | null {
  const [first] = comparisons;
  if (!first) return null;
  const base = nameIn(models, first.base);
  return {
    title: `${about}: against the base, ${base}`,
    notes: [
      `Each model less ${base} on the same prompts, with paired 95 % intervals; one that holds 0 leaves the difference open.`,
    ],
    columns: ['model', 'suite', 'rows', 'measure', 'difference', '95 %', 'is', 'basis'],
    claims: claimsOf(models, comparisons),
    figures: figuresOf(base, comparisons),
    rows: comparisons.map(({ key, measure, difference }) => {
      const { value, interval } = formatDifference(difference, unitOf(measure));
      const direction = directionOf(difference) ?? 'open';
      const n = basisOf(difference);
      return [key.model, ...placeText(key), measure.label, value, interval ?? 'no interval', direction, n];
    }),
  };
}

/** What is settled, a sentence each, and how much is not. */
function claimsOf(models: Run['models'], comparisons: readonly Comparison[]): string[] {
  const settled = comparisons.flatMap(({ key, base, measure, difference }) => {
    const direction = directionOf(difference);
    if (direction === null) return [];
    const { value, interval } = formatDifference(difference, unitOf(measure));
    const [suite, place] = placeText(key);
    return [
      `${nameIn(models, key.model)}: “${measure.label}” is ${direction} than at ${nameIn(models, base)} by ${value.replace(/^[+-]/, '')} in answers to ${suite}, ${place} (95 % interval ${interval ?? ''}, ${difference.clusters} prompts).`,
    ];
  });
  const open = comparisons.length - settled.length;
  return open === 0 ? settled : [...settled, `${open} of ${comparisons.length} comparisons stay open.`];
}

/** One for each measure, its scale as wide as its widest interval. */
function figuresOf(base: string, comparisons: readonly Comparison[]): IntervalsFigure[] {
  return [...new Set(comparisons.map(({ measure }) => measure))].map((measure) => {
    const own = comparisons.filter((comparison) => comparison.measure === measure);
    const differences = own.map(({ difference }) => difference);
    return {
      kind: 'intervals',
      title: `${measure.label}: difference from ${base}`,
      caption: `Paired by prompt, with 95 % intervals; one that holds 0 leaves the difference open. ${basisText(differences)}`,
      isDifference: true,
      ...differenceAxisOf(measure, differences),
      items: byGroup(
        own.map(({ key, difference }) => ({
          group: placeLabel(key, own),
          model: key.model,
          estimate: difference,
        })),
      ),
    };
  });
}
