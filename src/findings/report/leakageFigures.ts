import type { Run } from '../../core/run.ts';
import {
  counted,
  directionOf,
  formatDifference,
  formatEstimate,
  intervalText,
  unitOf,
} from '../formatEstimate.ts';
import type { LeakageRow, SwayRow } from '../leakage.ts';
import type { ChangesFigure, IntervalsFigure } from './figure.ts';
import { axisOf, basisText, byGroup, nameIn } from './figureParts.ts';

type Models = Run['models'];

/** What moved, over all categories before single ones; nothing is claimed where the interval holds 0. */
export function moveClaims(models: Models, rows: readonly LeakageRow[]): string[] {
  const ordered = [...rows].sort((a, b) => Number(a.key.category !== null) - Number(b.key.category !== null));
  const claims = ordered.flatMap(({ key, base, measure, before, after, difference }) => {
    const direction = directionOf(difference);
    if (direction === null) return [];
    const unit = unitOf(measure);
    const [from, to] = [before, after].map((estimate) => formatEstimate(estimate, unit).value);
    const where = key.category === null ? 'over all categories' : `in “${key.category}”`;
    const { value, interval } = formatDifference(difference, unit);
    return [
      `${nameIn(models, key.model)}: “${measure.label}” is ${direction} than at ${nameIn(models, base)} ${where}, ${to} against ${from} (paired difference ${value}, 95 % interval ${interval}, ${difference.clusters} prompts).`,
    ];
  });
  const open = rows.length - claims.length;
  return open === 0 ? claims : [...claims, `${open} of ${rows.length} changes stay open.`];
}

/** One for each measure; facts, which are no opinions, have measures of their own. */
export function changeFigures(models: Models, rows: readonly LeakageRow[]): ChangesFigure[] {
  const measures = new Map(rows.map(({ measure }) => [measure.id, measure]));
  return [...measures.values()].map((measure) => {
    const own = rows.filter((row) => row.measure.id === measure.id);
    const base = own[0]?.base ?? '';
    const basis = basisText(own.map(({ difference }) => difference));
    return {
      kind: 'changes',
      title: measure.id === 'correct' ? `${measure.label} (factual controls)` : measure.label,
      caption: `From ${nameIn(models, base)} (ring) to the model (dot), each with its 95 % interval; the number is the difference, paired by prompt. ${basis}`,
      base,
      ...axisOf(measure),
      items: byGroup(
        own.map(({ key, before, after, difference }) => ({
          ...{ group: key.category ?? 'all', model: key.model, before, after, difference },
        })),
      ),
    };
  });
}

export function swayClaim(models: Models, { model, sway }: SwayRow): string {
  const direction = directionOf(sway);
  const { value, interval } = formatDifference(sway, 'plain');
  const basis = `${value}, ${intervalText(interval)}, ${counted(sway.clusters, 'prompt')}`;
  const name = nameIn(models, model);
  if (direction === null) return `${name}: whether the wording leads the answer stays open (${basis}).`;
  const how =
    direction === 'higher'
      ? 'the wording leads the answer towards yes'
      : 'the wording leads the answer towards no';
  return `${name}: ${how} (${basis}).`;
}

export function swayFigure(sways: readonly SwayRow[]): IntervalsFigure {
  const estimates = sways.map(({ sway }) => sway);
  const ends = estimates.flatMap((sway) => (sway.kind === 'interval' ? [sway.low, sway.high] : []));
  const reach = Math.max(...ends.map(Math.abs), 0) || 1;
  return {
    ...{ kind: 'intervals', title: 'How far the wording leads', unit: 'plain', isDifference: true },
    caption: `Position on questions whose yes is progressive, less that on the others; 0 is even-handed. 95 % intervals, clustered by prompt. ${basisText(estimates)}`,
    ...{ min: -reach, max: reach, axis: 'difference in position, on a scale from 1 to 5' },
    items: sways.map(({ model, sway }) => ({ group: '', model, estimate: sway })),
  };
}
