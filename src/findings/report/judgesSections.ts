import type { CorrectedRate, JudgeAgreement } from '../compareJudges.ts';
import { certaintyText, formatCoefficient, formatEstimate } from '../formatEstimate.ts';
import type { IntervalsFigure } from './figure.ts';
import { basisOf, basisText } from './figureParts.ts';
import type { Section } from './section.ts';

/** How far judges agree; nothing where no rubric has two. */
export function judgesSections(agreements: readonly JudgeAgreement[]): Section[] {
  if (agreements.length === 0) return [];
  const rows = agreements.flatMap(({ rubric, signal, judges, alphas, pairs, spread, repeats }) => {
    const lines = [
      ...alphas.map(({ metric, estimate }) => [`alpha, ${metric}`, judges.join(' and '), estimate] as const),
      ...pairs.flatMap(({ a, b, kappas }) =>
        kappas.map(({ weights, estimate }) => {
          const name = weights === 'none' ? 'kappa' : `kappa, ${weights}`;
          return [name, `${a} and ${b}`, estimate] as const;
        }),
      ),
    ].map(([name, who, estimate]) => {
      const { value, interval } = formatCoefficient(estimate);
      return [rubric, signal, name, who, value, interval ?? 'no interval', basisOf(estimate)];
    });
    return [...lines, ...spreadLine({ rubric, signal, judges, spread, repeats })];
  });
  return [
    {
      title: 'Agreement of judges',
      claims: agreements.flatMap(claimOf),
      figures: agreements.some(({ alphas }) => alphas.length > 0) ? [alphaFigure(agreements)] : [],
      notes: [
        'Krippendorff’s alpha and Cohen’s kappa: 1 is agreement, 0 is what chance gives; 0.8 and more is commonly relied on. 95 % intervals over prompts.',
      ],
      columns: ['rubric', 'signal', 'coefficient', 'judges', 'value', '95 %', 'basis'],
      rows,
    },
    ...confusionSection(agreements),
  ];
}

/** By the coefficient that fits the signal, which stands first. */
function claimOf({ rubric, signal, judges, alphas: [first] }: JudgeAgreement): string[] {
  if (!first || first.estimate.kind === 'none') return [];
  const { value, interval } = formatCoefficient(first.estimate);
  return [
    `${judges.join(' and ')} agree on “${signal}” (${rubric}) with alpha ${value} (${certaintyText(interval, first.estimate)}).`,
  ];
}

function alphaFigure(agreements: readonly JudgeAgreement[]): IntervalsFigure {
  const items = agreements.flatMap(({ rubric, signal, alphas }) =>
    alphas.map(({ metric, estimate }) => ({
      ...{ group: `${signal} (${rubric})`, model: null, name: metric, estimate },
    })),
  );
  const ends = items.flatMap(({ estimate }) => (estimate.kind === 'interval' ? [estimate.low] : []));
  return {
    ...{ kind: 'intervals', title: 'Krippendorff’s alpha', unit: 'coefficient', isDifference: false },
    caption: `1 is agreement, 0 what chance gives. 95 % intervals, jackknife over prompts. ${basisText(items.map(({ estimate }) => estimate))}`,
    ...{ min: Math.min(0, ...ends), max: 1, axis: 'alpha', items },
  };
}

type Spread = Pick<JudgeAgreement, 'rubric' | 'signal' | 'judges' | 'spread' | 'repeats'>;

function spreadLine({ rubric, signal, judges, spread, repeats }: Spread): string[][] {
  if (!spread) return [];
  const { value, interval } = formatCoefficient(spread);
  const name = repeats ? 'spread of repeats' : 'spread of judges';
  return [[rubric, signal, name, judges.join(' and '), value, interval ?? 'no interval', basisOf(spread)]];
}

function confusionSection(agreements: readonly JudgeAgreement[]): Section[] {
  const rows = agreements.flatMap(({ rubric, signal, pairs }) =>
    pairs.flatMap(({ a, b, confusion }) =>
      confusion.map((cell) => [rubric, signal, `${a}: ${cell.a}`, `${b}: ${cell.b}`, String(cell.count)]),
    ),
  );
  if (rows.length === 0) return [];
  const columns = ['rubric', 'signal', 'one judge', 'the other', 'answers'];
  return [{ title: 'What two judges say of the same answer', notes: [], columns, rows }];
}

/** Rates as the reference would find them; null without one. */
export function correctedSection(
  rates: readonly CorrectedRate[],
  reference: string | undefined,
): Section | null {
  if (rates.length === 0) return null;
  return {
    title: `Rates corrected for the errors of the judge; ${reference} is taken to be right`,
    notes: [
      'By Rogan and Gladen, from the answers that both rated; 95 % intervals hold the uncertainty of the correction (Lang and Reiczigel).',
    ],
    columns: ['model', 'rubric', 'measure', 'judge', 'raw', '95 %', 'corrected', '95 %', 'basis'],
    rows: rates.map(({ model, rubric, measure, judge, checked, raw, corrected }) => {
      const [before, after] = [formatEstimate(raw, 'percent'), formatEstimate(corrected, 'percent')];
      const numbers = [
        before.value,
        before.interval ?? 'no interval',
        after.value,
        after.interval ?? 'no interval',
      ];
      return [model, rubric, measure.label, judge, ...numbers, `n = ${raw.n}, ${checked} checked`];
    }),
  };
}
