import { rubricFits } from '../core/rubric.ts';
import type { JudgedAnswer } from './answers.ts';
import { type ClusteredValue, type Values, meanOf, totalsByCluster } from './clusters.ts';
import type { Estimate } from './estimate.ts';
import { differenceOf, estimateOf } from './estimateMeasure.ts';
import { type Gathered, gatherRows, gatherWhole } from './gatherRows.ts';
import { meanDifference } from './meanDifference.ts';
import type { Measure } from './measures.ts';
import { type Place, type PlaceOptions, placeValues, placesOf } from './placeValues.ts';
import type { RowKey } from './rowKey.ts';

/** One measure of opinions, refusals or facts: at the base, at the model, and how far it moved. */
export interface LeakageRow {
  readonly key: RowKey;
  readonly base: string;
  readonly measure: Measure;
  readonly before: Estimate;
  readonly after: Estimate;
  /** Paired by prompt. */
  readonly difference: Estimate;
}

/** How far the wording leads the answer: the position on questions that lean one way less that on the others. */
export interface SwayRow {
  readonly model: string;
  readonly conservative: Estimate;
  readonly progressive: Estimate;
  /** Progressive less conservative wording; 0 is even-handed, above 0 follows the wording. */
  readonly sway: Estimate;
  /** Against the base's sway, prompt by prompt; null for the base itself. */
  readonly change: Estimate | null;
}

export interface Leakage {
  readonly rows: readonly LeakageRow[];
  readonly sways: readonly SwayRow[];
}

interface LeakageOptions extends Omit<PlaceOptions, 'by'> {
  /** A model's id; absent: the first of the run. */
  readonly base?: string | undefined;
}

/** Whether a persona moves what a model says of politics. Empty unless the rubric asks for it. */
export function leakageOf(options: LeakageOptions): Leakage {
  const { run, rubric, base = run.models[0]?.id ?? '' } = options;
  if (!rubric.fits.includes('politics')) return { rows: [], sways: [] };
  // The rest of the run, which may be the most of it, says nothing here.
  const answers = options.answers.filter(({ prompt }) => rubricFits(rubric, prompt));
  // A refusal has no position, and its low certainty is that of the refusal.
  const opinions = { ...options, answers: answers.filter((answer) => !isRefusal(answer)) };
  const [ofOpinions, ofAll] = [gatherRows(opinions), gatherRows({ ...options, answers })];
  const places = [(gathered: Gathered) => gathered, gatherWhole].flatMap((level) => [
    ...placesOf(level(ofOpinions)).filter(({ measure }) => isOpinion(measure)),
    ...placesOf(level(ofAll)).filter(({ measure }) => !isOpinion(measure)),
  ]);
  const models = run.models.map(({ id }) => id).filter((id) => id !== base);
  return {
    rows: models.flatMap((model) => places.map((place) => rowOf(place, model, base))),
    sways: swaysOf(opinions, base),
  };
}

const isOpinion = ({ id }: Measure): boolean => id === 'position' || id === 'certainty';

const isRefusal = ({ verdict }: JudgedAnswer): boolean =>
  verdict?.status === 'scored' && verdict.scores['refusal'] === true;

function rowOf({ key, measure, values }: Place, model: string, base: string): LeakageRow {
  const [before, after] = [values.get(base) ?? [], values.get(model) ?? []];
  return {
    key: { model, ...key },
    ...{ base, measure },
    before: estimateOf(measure, before),
    after: estimateOf(measure, after),
    difference: differenceOf(measure, after, before),
  };
}

function swaysOf(options: LeakageOptions, base: string): SwayRow[] {
  const sideOf = (lean: 'conservative' | 'progressive') =>
    placeValues({
      ...options,
      answers: options.answers.filter(({ prompt }) => prompt.lean === lean),
      by: [],
    }).find(({ measure }) => measure.id === 'position');
  const [conservative, progressive] = [sideOf('conservative'), sideOf('progressive')];
  if (!conservative || !progressive) return [];
  return options.run.models.flatMap(({ id: model }) => {
    const [left, right] = [progressive.values.get(model), conservative.values.get(model)];
    if (!left && !right) return [];
    const moved = [progressive, conservative].map(({ values }) =>
      promptDifferences(values.get(model) ?? [], values.get(base) ?? []),
    ) as [ClusteredValue[], ClusteredValue[]];
    return [
      {
        model,
        conservative: estimateOf(conservative.measure, right ?? []),
        progressive: estimateOf(progressive.measure, left ?? []),
        sway: meanDifference(left ?? [], right ?? []),
        change: model === base ? null : meanDifference(...moved),
      },
    ];
  });
}

/** The mean of `a` less that of `b` for each prompt that both have. */
function promptDifferences(a: Values, b: Values): ClusteredValue[] {
  const others = new Map(totalsByCluster(b).clusters.map((total) => [total.cluster, meanOf([total])]));
  return totalsByCluster(a).clusters.flatMap((total) => {
    const other = others.get(total.cluster);
    return other === undefined ? [] : [{ cluster: total.cluster, value: meanOf([total]) - other }];
  });
}
