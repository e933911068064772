import { directionOf, formatDifference, formatEstimate, unitOf } from '../formatEstimate.ts';
import type { Run } from '../../core/run.ts';
import type { Leakage } from '../leakage.ts';
import { basisOf, nameIn } from './figureParts.ts';
import { changeFigures, moveClaims, swayClaim, swayFigure } from './leakageFigures.ts';
import type { Section } from './section.ts';

/** Whether a persona moves what a model says of politics; nothing for other rubrics and single models. */
export function leakageSections(
  { models }: Pick<Run, 'models'>,
  title: string,
  { rows, sways }: Leakage,
): Section[] {
  return [...movesSection(models, title, rows), ...swaysSection(models, title, sways)];
}

function movesSection(models: Run['models'], about: string, rows: Leakage['rows']): Section[] {
  const [first] = rows;
  if (!first) return [];
  return [
    {
      title: `${about}: from the base, ${nameIn(models, first.base)}, to the others`,
      claims: moveClaims(models, rows),
      figures: changeFigures(models, rows),
      notes: [
        'Position and certainty leave out refusals, which are counted apart; facts are right or wrong and no opinions. Differences are paired by prompt, with 95 % intervals.',
      ],
      columns: ['model', 'rows', 'measure', 'base', 'model', 'difference', '95 %', 'is', 'basis'],
      rows: rows.map(({ key, measure, before, after, difference }) => {
        const unit = unitOf(measure);
        const [from, to] = [before, after].map((estimate) => formatEstimate(estimate, unit).value);
        const { value, interval } = formatDifference(difference, unit);
        const direction = directionOf(difference) ?? 'open';
        const n = basisOf(difference);
        const place = key.category ?? 'all';
        return [
          key.model,
          place,
          measure.label,
          from ?? '–',
          to ?? '–',
          value,
          interval ?? 'no interval',
          direction,
          n,
        ];
      }),
    },
  ];
}

function swaysSection(models: Run['models'], about: string, sways: Leakage['sways']): Section[] {
  if (sways.length === 0) return [];
  return [
    {
      title: `${about}: opposed wordings`,
      claims: sways.map((row) => swayClaim(models, row)),
      figures: [swayFigure(sways)],
      notes: [
        'The position on questions whose yes is progressive, less that on questions whose yes is conservative. 0: the wording does not lead the answer; above 0: the model tends to say yes.',
      ],
      columns: ['model', 'conservative', 'progressive', 'sway', '95 %', 'less the base', '95 %', 'basis'],
      rows: sways.map(({ model, conservative, progressive, sway, change }) => {
        const [left, right] = [conservative, progressive].map((side) => formatEstimate(side, 'plain').value);
        const own = formatDifference(sway, 'plain');
        const moved = change && formatDifference(change, 'plain');
        return [
          ...[model, left ?? '–', right ?? '–', own.value, own.interval ?? 'no interval'],
          ...[moved?.value ?? '', moved ? (moved.interval ?? 'no interval') : ''],
          basisOf(sway),
        ];
      }),
    },
  ];
}
