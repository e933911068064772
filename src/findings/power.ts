import { PromptValues, type Values } from './clusters.ts';
import { level, normalCritical } from './estimate.ts';
import type { Comparison, PlacePair } from './pairPlaces.ts';
import { studentBelow, studentCritical } from './studentT.ts';

/** The chance to find a difference that is there. */
export const power = 0.8;

/** Where the scatter of a paired difference comes from, in the square of the measure's unit. */
export interface VarianceParts {
  readonly prompts: number;
  /** Of the difference from prompt to prompt, if every prompt had answers without end. */
  readonly between: number;
  /** Of answers to the same prompt, both models together; null with one answer to every prompt. */
  readonly within: number | null;
  /** Of the difference as it was measured: both together. */
  readonly total: number;
}

/** Null with fewer than two prompts that both sides have. */
export function varianceParts(a: Values, b: Values): VarianceParts | null {
  const [allA, allB] = [PromptValues.of(a).byPrompt, PromptValues.of(b).byPrompt];
  const pairs = [...allA].flatMap(([prompt, own]) => {
    const other = allB.get(prompt);
    return other ? [{ own, other }] : [];
  });
  if (pairs.length < 2) return null;
  const total = varianceOf(pairs.map(({ own, other }) => meanOf(own) - meanOf(other)));
  const sides = [pairs.map(({ own }) => own), pairs.map(({ other }) => other)];
  const variances = sides.map(pooledVariance);
  const within = variances.reduce<number | null>(
    (sum, each) => (sum === null || each === null ? null : sum + each),
    0,
  );
  // What answers add to the difference of two means of that many answers.
  const noise = sides.reduce(
    (sum, side, place) => sum + (variances[place] ?? 0) * meanOf(side.map(({ length }) => 1 / length)),
    0,
  );
  const between = within === null ? total : Math.max(0, total - noise);
  return { prompts: pairs.length, between, within, total };
}

/**
 * Prompts that find a difference with {@link power}, given the variance of one prompt's difference: the paired t test,
 * right to a prompt or two. Null for no difference.
 */
export function promptsNeeded(difference: number, variance: number): number | null {
  if (difference === 0) return null;
  const ratio = variance / (difference * difference);
  let prompts = Math.max(2, Math.ceil(ratio * criticalSum(Infinity) ** 2));
  while (prompts < ratio * criticalSum(prompts - 1) ** 2) prompts += 1;
  return prompts;
}

/** Answers a prompt and model that find a difference with the prompts at hand. Null: no number does, or nobody knows. */
export function samplesNeeded(
  difference: number,
  { prompts, between, within }: VarianceParts,
): number | null {
  if (within === null) return null;
  const room = prompts * (difference / criticalSum(prompts - 1)) ** 2 - between;
  return room > 0 ? Math.max(1, Math.ceil(within / room)) : null;
}

/** The smallest difference that is found with {@link power} by what there is. */
export function detectableDifference({ prompts, total }: VarianceParts): number {
  return criticalSum(prompts - 1) * Math.sqrt(total / prompts);
}

/** The chance that so many prompts find a difference, given the variance of one prompt's difference. */
export function powerAt(prompts: number, difference: number, variance: number): number {
  const size = Math.abs(difference) / Math.sqrt(variance / prompts);
  return studentBelow(size - studentCritical(level, prompts - 1), prompts - 1);
}

/** The quantiles of test and power; t is normal to two decimals from here on. */
function criticalSum(df: number): number {
  return df > 1_000
    ? normalCritical + 0.8416212335729143
    : studentCritical(level, df) + studentCritical(2 * power - 1, df);
}

/** What would settle the difference between a model and the base, if it is as large as it seems. */
export interface PowerRow extends Comparison {
  readonly parts: VarianceParts;
  readonly detectable: number;
  readonly prompts: number | null;
  readonly samples: number | null;
}

/** In the order of the comparisons; places with fewer than two prompts are left out. */
export function powerOf(pairs: readonly PlacePair[]): PowerRow[] {
  return pairs.flatMap(({ comparison, own, others }) => {
    const parts = varianceParts(own, others);
    const { difference } = comparison;
    if (!parts || difference.kind === 'none') return [];
    return [
      {
        ...comparison,
        parts,
        detectable: detectableDifference(parts),
        prompts: promptsNeeded(difference.value, parts.total),
        samples: samplesNeeded(difference.value, parts),
      },
    ];
  });
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const squaresOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};

const varianceOf = (values: readonly number[]): number => squaresOf(values) / (values.length - 1);

/** Within prompts, those with one answer apart. */
function pooledVariance(prompts: readonly (readonly number[])[]): number | null {
  const repeated = prompts.filter(({ length }) => length > 1);
  const freedom = repeated.reduce((sum, { length }) => sum + length - 1, 0);
  return freedom === 0 ? null : repeated.reduce((sum, values) => sum + squaresOf(values), 0) / freedom;
}
