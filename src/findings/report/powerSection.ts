import { directionOf, formatDifference, unitOf } from '../formatEstimate.ts';
import type { Estimate } from '../estimate.ts';
import { type PowerRow, power, powerAt } from '../power.ts';
import type { Run } from '../../core/run.ts';
import type { PowerFigure } from './figure.ts';
import { basisText, nameIn } from './figureParts.ts';
import { placeLabel, placeText } from './placeText.ts';
import type { Section } from './section.ts';

/** Beyond it nobody writes prompts: the number would only say that there is no difference to speak of. */
const mostPrompts = 100_000;

/** What would settle each difference; null where there is none. */
export function powerSection(
  { models }: Pick<Run, 'models'>,
  about: string,
  rows: readonly PowerRow[],
): Section | null {
  const [first] = rows;
  if (!first) return null;
  return {
    title: `${about}: what would settle a difference from ${nameIn(models, first.base)}`,
    claims: claimsOf(models, rows),
    figures: figuresOf(models, rows),
    notes: [
      `If the difference is as large as it seems, that many prompts (with the answers a prompt that there are), or that many answers a prompt (with the prompts that there are), find it in ${power * 100} of 100 such runs. “Found from” is what the present run finds that often.`,
    ],
    columns: [
      'model',
      'suite',
      'rows',
      'measure',
      'difference',
      'is',
      'found from',
      'prompts',
      'or answers a prompt',
    ],
    rows: rows.map(({ key, measure, difference, detectable, parts, prompts, samples }) => {
      const unit = unitOf(measure);
      const from = (detectable * (unit === 'percent' ? 100 : 1)).toPrecision(2);
      return [
        ...[key.model, ...placeText(key), measure.label, formatDifference(difference, unit).value],
        directionOf(difference) ?? 'open',
        `${Number(from)}${unit === 'percent' ? ' points' : ''}`,
        prompts === null || prompts > mostPrompts ? 'no number' : `${prompts} (now ${parts.prompts})`,
        samplesText(samples, parts.within),
      ];
    }),
  };
}

function samplesText(samples: number | null, within: number | null): string {
  if (within === null) return 'unknown: one answer a prompt';
  return samples === null ? 'no number: prompts differ' : String(samples);
}

function claimsOf(models: Run['models'], rows: readonly PowerRow[]): string[] {
  const isSettled = rows.every(({ difference }) => directionOf(difference) !== null);
  return isSettled
    ? ['Every difference is settled by the prompts that there are.']
    : rows.flatMap((row) => claimOf(models, row));
}

/** Of what stays open: how many prompts would settle it. */
function claimOf(models: Run['models'], row: PowerRow): string[] {
  if (!isOpen(row)) return [];
  const { key, measure, difference, parts, prompts } = row;
  const { value } = formatDifference(difference, unitOf(measure));
  return [
    `${nameIn(models, key.model)}, “${measure.label}”, ${placeText(key).join(', ')}: a difference as large as it seems (${value}) takes ${prompts} prompts to be found in ${power * 100} of 100 runs; there are ${parts.prompts}.`,
  ];
}

const curvePrompts = [5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 2_000];
/** Curves that can still be told apart. */
const mostCurves = 6;

/** For each measure how the chance to settle what is open rises with the number of prompts. */
function figuresOf(models: Run['models'], rows: readonly PowerRow[]): PowerFigure[] {
  const measures = new Map(rows.map(({ measure }) => [measure.id, measure]));
  return [...measures.values()].flatMap((measure) => {
    const own = rows.filter((row) => row.measure.id === measure.id);
    const open = own.flatMap((row) => (isOpen(row) ? [{ row, needed: row.prompts }] : []));
    const shown = open.sort((a, b) => a.needed - b.needed).slice(0, mostCurves);
    if (shown.length === 0) return [];
    const items = shown.map(({ row: { key, parts, difference }, needed }) => ({
      group: placeLabel(key, own),
      ...{ model: key.model, name: `${nameIn(models, key.model)}, ${placeLabel(key, own)}`, needed },
      curve: curvePrompts.map((prompts) => ({
        prompts,
        chance: powerAt(prompts, difference.value, parts.total),
      })),
    }));
    const rest = open.length > shown.length ? `${open.length - shown.length} more are open. ` : '';
    return [
      {
        ...{
          kind: 'power',
          aim: power,
          items,
          title: `${measure.label}: prompts that would settle what is open`,
        },
        caption: `The chance to find each difference from ${nameIn(models, own[0]?.base ?? '')}, if it is as large as it seems; dots and numbers: prompts for ${power * 100} of 100 runs. ${rest}${basisText(shown.map(({ row }) => row.difference))}`,
      },
    ];
  });
}

type OpenRow = PowerRow & {
  readonly prompts: number;
  readonly difference: Extract<Estimate, { value: number }>;
};

/** Whether the difference is neither found nor beyond reach. */
function isOpen(row: PowerRow): row is OpenRow {
  const { difference, prompts } = row;
  if (difference.kind === 'none' || directionOf(difference) !== null) return false;
  return prompts !== null && prompts <= mostPrompts;
}
