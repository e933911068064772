import type { RewardAgreement, RewardDefinition } from '../compareRewards.ts';
import { formatCoefficient, formatEstimate } from '../formatEstimate.ts';
import type { ScoreHistogram } from '../scoreHistograms.ts';
import type { Section } from './section.ts';

/** Whether the definitions of the reward tell the same story; null where there is only one. */
export function rewardsSection(agreements: readonly RewardAgreement[]): Section | null {
  if (agreements.length === 0) return null;
  return {
    title: 'Rewards side by side',
    notes: [
      'Do the rewards put the same answers in the same order? 1: the same order; 0: none in common. Over the answers that have all rewards; 95 % intervals over prompts.',
    ],
    columns: ['rewards', 'answers of', 'Spearman', '95 %', 'Kendall', '95 %', 'basis'],
    rows: agreements.map(({ a, b, model, spearman, kendall }) => {
      const [rho, tau] = [formatCoefficient(spearman), formatCoefficient(kendall)];
      const n = `n = ${spearman.n}, ${spearman.clusters} prompts`;
      const numbers = [rho.value, rho.interval ?? 'no interval', tau.value, tau.interval ?? 'no interval'];
      return [`${nameOf(a)} and ${nameOf(b)}`, model ?? 'all models', ...numbers, n];
    }),
  };
}

const nameOf = ({ rubric, judge }: RewardDefinition): string => `${rubric} (${judge})`;

/** Whether the judges' scores pile up on round numbers; null without scores. */
export function histogramsSection(histograms: readonly ScoreHistogram[]): Section | null {
  if (histograms.length === 0) return null;
  return {
    title: 'Raw scores of the judges: do they pile up on round numbers?',
    notes: [
      'Beside each share: that of all whole numbers of the scale, which a judge without a liking gives.',
    ],
    columns: [
      'rubric',
      'signal',
      'multiples of 5',
      '95 %',
      'of 10',
      '95 %',
      'scores used',
      'most given',
      'basis',
    ],
    rows: histograms.map(({ rubric, signal, min, max, scores, round, even }) => {
      const share = (estimate: Parameters<typeof formatEstimate>[0] | undefined, all: number) => {
        if (!estimate) return ['–', ''];
        const { value, interval } = formatEstimate(estimate, 'percent');
        return [`${value} (${Math.round(all * 100)} %)`, interval ?? 'no interval'];
      };
      const most = scores.toSorted((a, b) => b.count - a.count).slice(0, 3);
      const n = scores.reduce((sum, { count }) => sum + count, 0);
      return [
        ...[rubric, signal, ...share(round?.five, even.five), ...share(round?.ten, even.ten)],
        `${scores.length} of ${max - min + 1}`,
        most.map(({ score, count }) => `${score} (${count})`).join(', '),
        `n = ${n}`,
      ];
    }),
  };
}
