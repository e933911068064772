import type { Estimate } from '../estimate.ts';
import { type Unit, counted, unitOf } from '../formatEstimate.ts';
import type { Measure } from '../measures.ts';

/** What an estimate rests on, in a table. */
export function basisOf({ n, clusters }: Estimate): string {
  return `n = ${n}, ${counted(clusters, 'prompt')}`;
}

/** What the lines of a figure rest on, as "n = 16 to 48 answers to 4 to 12 prompts a line." */
export function basisText(estimates: readonly Estimate[]): string {
  const known = estimates.filter(({ kind }) => kind !== 'none');
  if (known.length === 0) return 'n = 0.';
  const answers = rangeOf(known.map(({ n }) => n));
  const prompts = rangeOf(known.map(({ clusters }) => clusters));
  return `n = ${answers} answers to ${prompts} prompts${known.length > 1 ? ' a line' : ''}.`;
}

function rangeOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/** Those of one group beside each other, the groups in the order in which they first occur. */
export function byGroup<Item extends { readonly group: string }>(items: readonly Item[]): Item[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
  return [...groups.values()].flat();
}

interface Axis {
  readonly unit: Unit;
  readonly min: number;
  readonly max: number;
  readonly axis: string;
}

/** The scale that a measure is read on. */
export function axisOf(measure: Measure): Axis {
  const unit = unitOf(measure);
  if (measure.type === 'rate') return { unit, min: 0, max: 1, axis: 'per cent of answers' };
  const { min, max } = measure.range;
  if (unit === 'percent') return { unit, min, max, axis: 'mean reward, in per cent of the highest' };
  return { unit, min, max, axis: `mean score, ${min} to ${max}` };
}

/** The scale of its differences, as wide as the widest interval. */
export function differenceAxisOf(measure: Measure, differences: readonly Estimate[]): Axis {
  const ends = differences.flatMap((difference) => {
    if (difference.kind === 'none') return [];
    return difference.kind === 'point' ? [difference.value] : [difference.low, difference.high];
  });
  const reach = Math.max(...ends.map(Math.abs), 0) || 1;
  const unit = unitOf(measure);
  return { unit, min: -reach, max: reach, axis: `difference in ${unit === 'percent' ? 'points' : 'score'}` };
}

/** As "Identity, 0 to 100, judged by gpt-5.4-mini"; the rubrics of rules say that they are. */
export function judgedTitle(rubric: string, judge: string): string {
  return rubric.includes(`(${judge})`) ? rubric : `${rubric}, judged by ${judge}`;
}

type Named = readonly { readonly id: string; readonly name: string }[];

export function nameIn(models: Named, id: string): string {
  return models.find((model) => model.id === id)?.name ?? id;
}
