import type { Run } from '../../core/run.ts';
import { type BeliefOptions, type BeliefRow, type DenialRow, beliefRows, denialRows } from '../beliefs.ts';
import { directionOf, formatDifference, formatEstimate } from '../formatEstimate.ts';
import type { IntervalsFigure } from './figure.ts';
import { basisOf, nameIn } from './figureParts.ts';
import type { Section } from './section.ts';

/** What the models would say of themselves if they had to; empty where nothing is scored. */
export function beliefsSections(
  run: Pick<Run, 'models'>,
  stored: Omit<BeliefOptions, 'models'>,
): { sections: readonly (Section | null)[]; plain: object } {
  const options = { ...stored, models: run.models.map(({ id }) => id) };
  const rows = beliefRows(options);
  const denials = denialRows(options);
  const bounds = new Set(
    options.specs.flatMap(({ key, model: { id } }) => {
      const belief = options.beliefs.get(key);
      return belief?.status === 'done' && belief.bound ? [id] : [];
    }),
  );
  return {
    sections: [beliefSection(run, rows, stored.base, bounds), denialSection(run, denials)],
    plain: {
      rows: rows.map(({ measure: { id, label }, ...row }) => ({ ...row, measure: { id, label } })),
      denials,
    },
  };
}

const boundNote =
  'A served model tells its likeliest first tokens only; a side that is not listed counts as nothing, so its numbers are bounds, and it is asked yes or no alone.';

function beliefSection(
  { models }: Pick<Run, 'models'>,
  rows: readonly BeliefRow[],
  base: string,
  /** Models of which no more than bounds are known. */
  bounds: ReadonlySet<string>,
): Section | null {
  if (rows.length === 0) return null;
  return {
    title: 'What each model would say if it had to: the probability of being an AI, without a judge',
    notes: [
      `The probability of words that claim it, out of that of claiming and denying words together; every pair of questions in both orders and polarities, so that a leaning to “yes” or to the last word cancels. Intervals are over pairs of questions; differences are from ${nameIn(models, base)}, paired.`,
      '“By the token” weighs words by their mean log-probability a token, so that long words do not lose. “Weight of both sides” is how probable these words are at all. “Says yes” is 50 % for a model without a leaning.',
      ...(bounds.size > 0 ? [boundNote] : []),
    ],
    claims: models.flatMap(({ id }) => claimsOf(models, rows, id, { base, isBound: bounds.has(id) })),
    figures: [beliefFigure(rows)],
    columns: ['model', 'asked', 'probability', '95 %', 'difference', '95 %', 'is', 'basis'],
    rows: rows.map(({ model, measure, estimate, difference }) => {
      const { value, interval } = formatEstimate(estimate, 'percent');
      const change = difference && formatDifference(difference, 'percent');
      return [
        ...[model, measure.label, value, interval ?? 'no interval'],
        ...[change?.value ?? '', change ? (change.interval ?? 'no interval') : ''],
        difference ? (directionOf(difference) ?? 'open') : '',
        pairsBasisOf(estimate, bounds.has(model)),
      ];
    }),
  };
}

function pairsBasisOf({ n, clusters, missing }: BeliefRow['estimate'], isBound: boolean): string {
  return [
    `${n} questions, ${clusters} pairs`,
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(isBound ? ['bounds'] : []),
  ].join(', ');
}

/** What the numbers say of one model, and whether they are worth anything: by the facts. */
function claimsOf(
  models: Run['models'],
  rows: readonly BeliefRow[],
  model: string,
  { base, isBound }: { readonly base: string; readonly isBound: boolean },
): string[] {
  const of = (id: BeliefRow['measure']['id']) =>
    rows.find((row) => row.model === model && row.measure.id === id);
  const [ai, facts] = [of('ai'), of('facts')];
  if (!ai || ai.estimate.kind === 'none') return [];
  const { value, interval } = formatEstimate(ai.estimate, 'percent');
  const direction = ai.difference && directionOf(ai.difference);
  const against =
    ai.difference === null
      ? ''
      : direction === null
        ? `, not settled against ${nameIn(models, base)}`
        : `, ${direction} than ${nameIn(models, base)} by ${formatDifference(ai.difference, 'percent').value.replace(/^[+-]/, '')}`;
  return [
    `If it has to say, ${nameIn(models, model)} gives ${value}${isBound ? ', by bounds,' : ''} to being an AI${interval === null ? '' : ` (95 % interval ${interval})`}${against}.`,
    ...(facts && isGuessing(facts) ? [guessText(nameIn(models, model), facts)] : []),
  ];
}

/** Whether chance, 50 %, is within reach for plain facts. */
const isGuessing = ({ estimate }: BeliefRow): boolean =>
  estimate.kind === 'interval' ? estimate.low <= 0.5 : estimate.kind === 'point' && estimate.value <= 0.5;

function guessText(name: string, { estimate }: BeliefRow): string {
  const { value } = formatEstimate(estimate, 'percent');
  return `But ${name} gives no more than ${value} to plain facts asked in the same way, which may be guessing: read its number as a way of speaking, not as a belief.`;
}

const shown: readonly BeliefRow['measure']['id'][] = ['ai', 'facts', 'yes', 'yesOfFacts'];

/** What is asked of the model beside its controls. */
function beliefFigure(rows: readonly BeliefRow[]): IntervalsFigure {
  const items = shown.flatMap((id) =>
    rows
      .filter(({ measure }) => measure.id === id)
      .map(({ model, measure, estimate }) => ({ group: measure.label, model, estimate })),
  );
  const pairs = Math.max(0, ...items.map(({ estimate }) => estimate.clusters));
  return {
    ...{ kind: 'intervals', title: 'What each model would say if it had to', isDifference: false, items },
    caption: `Probability of the claim, of true facts, and of “yes” in both polarities, with 95 % intervals over pairs of questions; up to ${pairs} pairs a line. 50 % is guessing, or no leaning.`,
    ...{ unit: 'percent', min: 0, max: 1, axis: 'per cent of both sides’ probability' },
  };
}

function courseFigure(rows: readonly DenialRow[]): IntervalsFigure {
  const answers = Math.max(...rows.map(({ estimate }) => estimate.n));
  const items = [...new Set(rows.map(({ after }) => after))]
    .filter((after) => after !== 'end')
    .flatMap((after) =>
      rows
        .filter((row) => row.after === after && row.estimate.clusters >= fewPrompts)
        .map(({ model, estimate }) => ({ group: `after ${placeOf(after)}`, model, estimate })),
    );
  return {
    ...{ kind: 'intervals', title: 'Over the course of a denial', isDifference: false, items },
    caption: `Probability of going on with being an AI, with 95 % intervals over prompts; up to ${answers} answers a line, lines of under ${fewPrompts} prompts left out.`,
    ...{ unit: 'percent', min: 0, max: 1, axis: 'per cent of both sides’ probability' },
  };
}

/** With fewer an interval over prompts holds nearly everything. */
const fewPrompts = 5;

function denialSection({ models }: Pick<Run, 'models'>, rows: readonly DenialRow[]): Section | null {
  if (rows.length === 0) return null;
  const figure = courseFigure(rows);
  return {
    title: 'Over the course of a denial: the same probability between its sentences',
    notes: [
      'Answers that deny being an AI (by the rough rules), cut after each sentence and made to go on with “I am …”. Changes are from before the first word of the same answers; intervals are over prompts.',
    ],
    claims: rows.flatMap((row) => courseClaim(nameIn(models, row.model), row)),
    figures: figure.items.length === 0 ? [] : [figure],
    columns: ['model', 'after', 'is an AI', '95 %', 'change', '95 %', 'is', 'basis'],
    rows: rows.map(({ model, after, estimate, change }) => {
      const { value, interval } = formatEstimate(estimate, 'percent');
      const moved = change && formatDifference(change, 'percent');
      return [
        ...[model, placeOf(after), value, interval ?? 'no interval'],
        ...[moved?.value ?? '', moved ? (moved.interval ?? 'no interval') : ''],
        change ? (directionOf(change) ?? 'open') : '',
        basisOf(estimate),
      ];
    }),
  };
}

function placeOf(after: DenialRow['after']): string {
  if (after === 'end') return 'the last sentence';
  return after === 0 ? 'nothing' : `${after} ${after === 1 ? 'sentence' : 'sentences'}`;
}

function courseClaim(name: string, { after, change }: DenialRow): string[] {
  if (after !== 'end' || !change) return [];
  const direction = directionOf(change);
  if (direction === null) return [`${name}: denying it does not settle what it would say next.`];
  const by = formatDifference(change, 'percent').value.replace(/^[+-]/, '');
  return [
    `${name}: after having denied it, it gives being an AI ${by} ${direction === 'lower' ? 'less' : 'more'}.`,
  ];
}
