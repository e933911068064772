import type { RewardAgreement, RewardDefinition } from '../compareRewards.ts';
import { certaintyText, formatCoefficient, formatEstimate, intervalText } from '../formatEstimate.ts';
import type { ScoreHistogram } from '../scoreHistograms.ts';
import type { RewardMean } from '../rewardMeans.ts';
import type { Figure, HistogramFigure } from './figure.ts';
import { basisOf, basisText, byGroup, judgedTitle } from './figureParts.ts';
import type { Section } from './section.ts';

/** Whether the definitions of the reward tell the same story; null where there is only one. */
export function rewardsSection(
  agreements: readonly RewardAgreement[],
  means: readonly RewardMean[],
): Section | null {
  if (agreements.length === 0) return null;
  return {
    title: 'Rewards side by side',
    claims: ofOneJudge(agreements).flatMap(claimOf),
    figures: [meansFigure(means), ranksFigure(ofOneJudge(agreements))],
    notes: [
      'Do the rewards put the same answers in the same order? 1: the same order; 0: none in common. Over the answers that have all rewards; 95 % intervals over prompts.',
    ],
    columns: ['rewards', 'answers of', 'Spearman', '95 %', 'Kendall', '95 %', 'basis'],
    rows: agreements.map(({ a, b, model, spearman, kendall }) => {
      const [rho, tau] = [formatCoefficient(spearman), formatCoefficient(kendall)];
      const n = basisOf(spearman);
      const numbers = [rho.value, rho.interval ?? 'no interval', tau.value, tau.interval ?? 'no interval'];
      return [`${nameOf(a)} and ${nameOf(b)}`, model ?? 'all models', ...numbers, n];
    }),
  };
}

/** Two judges differ in more than the definition, so they are left to the table where one judge has both. */
function ofOneJudge(agreements: readonly RewardAgreement[]): readonly RewardAgreement[] {
  const own = agreements.filter(({ a, b }) => a.judge === b.judge);
  return own.length > 0 ? own : agreements;
}

function claimOf({ a, b, model, spearman }: RewardAgreement): string[] {
  if (model !== null || spearman.kind === 'none') return [];
  const { value, interval } = formatCoefficient(spearman);
  const how = spearman.value >= 0.8 ? 'much the same' : spearman.value >= 0.5 ? 'a similar' : 'another';
  return [
    `${nameOf(a)} and ${nameOf(b)} put the answers of all models in ${how} order (Spearman ${value}, ${certaintyText(interval, spearman)}).`,
  ];
}

function meansFigure(means: readonly RewardMean[]): Figure {
  return {
    ...{ kind: 'intervals', title: 'Mean reward by definition', unit: 'percent', isDifference: false },
    caption: `All answers that the rubric fits, with 95 % intervals, clustered by prompt. ${basisText(means.map(({ estimate }) => estimate))}`,
    ...{ min: 0, max: 1, axis: 'mean reward, in per cent of the highest' },
    items: byGroup(
      means.map(({ definition, model, estimate }) => ({ group: nameOf(definition), model, estimate })),
    ),
  };
}

function ranksFigure(agreements: readonly RewardAgreement[]): Figure {
  const items = agreements.map(({ a, b, model, spearman }) => ({
    group: `${nameOf(a)} and ${nameOf(b)}`,
    model,
    ...(model === null ? { name: 'all models' } : {}),
    estimate: spearman,
  }));
  const ends = items.flatMap(({ estimate }) => (estimate.kind === 'interval' ? [estimate.low] : []));
  return {
    ...{ kind: 'intervals', title: 'Rank agreement of rewards', unit: 'coefficient', isDifference: false },
    caption: `Spearman’s rank correlation: 1 is the same order, 0 none in common. 95 % intervals, jackknife over prompts. ${basisText(items.map(({ estimate }) => estimate))}`,
    ...{ min: Math.min(0, ...ends), max: 1, axis: 'Spearman’s rank correlation', items },
  };
}

const nameOf = ({ rubric, judge }: RewardDefinition): string => `${rubric} (${judge})`;

/** Whether the judges' scores pile up on round numbers; null without scores. */
export function histogramsSection(histograms: readonly ScoreHistogram[]): Section | null {
  if (histograms.length === 0) return null;
  return {
    title: 'Raw scores of the judges: do they pile up on round numbers?',
    claims: histograms.flatMap(roundClaim),
    figures: histograms.map(histogramFigure),
    notes: [
      'Beside each share: that of all whole numbers of the scale, which a judge without a liking gives.',
    ],
    columns: [
      'rubric',
      'judge',
      'signal',
      'multiples of 5',
      '95 %',
      'of 10',
      '95 %',
      'scores used',
      'most given',
      'basis',
    ],
    rows: histograms.map(({ rubric, judge, signal, min, max, scores, round, even }) => {
      const share = (estimate: Parameters<typeof formatEstimate>[0] | undefined, all: number) => {
        if (!estimate) return ['–', ''];
        const { value, interval } = formatEstimate(estimate, 'percent');
        return [`${value} (${Math.round(all * 100)} %)`, interval ?? 'no interval'];
      };
      const most = scores.toSorted((a, b) => b.count - a.count).slice(0, 3);
      const n = scores.reduce((sum, { count }) => sum + count, 0);
      return [
        ...[rubric, judge, signal, ...share(round?.five, even.five), ...share(round?.ten, even.ten)],
        `${scores.length} of ${max - min + 1}`,
        most.map(({ score, count }) => `${score} (${count})`).join(', '),
        `n = ${n}`,
      ];
    }),
  };
}

function roundClaim({ rubric, judge, signal, round, even }: ScoreHistogram): string[] {
  if (!round || round.ten.kind === 'none') return [];
  const { value, interval } = formatEstimate(round.ten, 'percent');
  return [
    `“${signal}” (${judgedTitle(rubric, judge)}): ${value} of the scores are multiples of 10 (${intervalText(interval)}); of all whole numbers of the scale ${Math.round(even.ten * 100)} % are.`,
  ];
}

function histogramFigure({
  rubric,
  judge,
  signal,
  min,
  max,
  scores,
  round,
}: ScoreHistogram): HistogramFigure {
  const n = scores.reduce((sum, { count }) => sum + count, 0);
  const marked = round === null ? '' : ' Multiples of 10 are dark.';
  return {
    ...{ kind: 'histogram', title: `${signal}: ${judgedTitle(rubric, judge)}`, min, max, scores },
    ...{ round: round === null ? null : 10 },
    caption: `How often each score was given; the height is the number of answers.${marked} n = ${n} answers.`,
  };
}
