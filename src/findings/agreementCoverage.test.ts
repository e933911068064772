import { afterAll, describe, expect, it } from 'vitest';
import { correctedRate } from './correctedRate.ts';
import type { Estimate } from './estimate.ts';
import { kendallTau, rankPairs, spearman } from './rankAgreement.ts';
import {
  type AlphaMetric,
  type KappaWeights,
  type RatedAnswer,
  krippendorffAlphas,
  ratingSpread,
  weightedKappas,
} from './ratingAgreement.ts';
import { Coverage, Population, icc } from './testing/population.ts';

/** 1,000 replications scatter by 2 points (three standard errors) around what a method really covers. */
const replications = 1_000;
const [least, most] = [0.925, 0.975];
const all: Coverage[] = [];

function expectCovered(coverages: readonly Coverage[], atMost = most): void {
  all.push(...coverages);
  for (const coverage of coverages) {
    expect(coverage.rate(), coverage.text()).toBeGreaterThan(least);
    expect(coverage.rate(), coverage.text()).toBeLessThan(atMost);
  }
}

const krippendorffAlpha = (answers: readonly RatedAnswer[], metric: AlphaMetric): Estimate =>
  krippendorffAlphas(answers, [metric])[0]?.estimate ?? expect.fail('no alpha');
const weightedKappa = (answers: readonly RatedAnswer[], weights: KappaWeights): Estimate =>
  weightedKappas(answers, [weights])[0]?.estimate ?? expect.fail('no kappa');

describe('95 % intervals', () => {
  it('cover rank agreements of two scores on 40 prompts', () => {
    const population = new Population(11);
    // Of normal values with correlation r: Kruskal 1958.
    const rho = new Coverage('Spearman', (6 / Math.PI) * Math.asin(icc / 2));
    const tau = new Coverage('Kendall', (2 / Math.PI) * Math.asin(icc));
    for (let index = 0; index < replications; index += 1) {
      const effects = population.effects(40);
      const [xs, ys] = [population.latents(effects), population.latents(effects)];
      const pairs = xs.map(({ cluster, value }, place) => ({
        cluster,
        x: value,
        y: ys[place]?.value ?? NaN,
      }));
      rho.add(spearman(rankPairs(pairs)));
      tau.add(kendallTau(rankPairs(pairs)));
    }
    expectCovered([rho, tau]);
  });

  it('cover agreements and the spread of two judges on 40 prompts', () => {
    const population = new Population(12);
    // Scores scatter by 20 between answers and by 10 between judges; scores rounded to whole numbers add 1/12.
    const [between, within] = [400, 100 + 1 / 12];
    const agreement = between / (between + within);
    const alpha = new Coverage('alpha', agreement);
    const kappa = new Coverage('kappa, quadratic', agreement);
    const spread = new Coverage('spread', Math.sqrt(within));
    for (let index = 0; index < replications; index += 1) {
      const answers = population.latents(population.effects(40)).map(({ cluster, value }) => ({
        cluster,
        ratings: [0, 1].map(() => Math.round(50 + 20 * value + 10 * population.normal())),
      }));
      alpha.add(krippendorffAlpha(answers, 'interval'));
      kappa.add(weightedKappa(answers, 'quadratic'));
      spread.add(ratingSpread(answers));
    }
    expectCovered([alpha, kappa, spread]);
  });

  it('cover a rate that is corrected by answers to a quarter of 200 prompts', () => {
    const population = new Population(13);
    // The judge sees a noisy latent value; the truth is 30 %, from scipy.stats.norm.isf.
    const rate = new Coverage('corrected rate', 0.3);
    const threshold = 0.5244005127080409;
    for (let index = 0; index < replications; index += 1) {
      const answers = population.latents(population.effects(200)).map(({ cluster, value }) => {
        const truth = value > threshold ? 1 : 0;
        return { cluster, truth, judged: population.normal() > 1.2815515655446004 ? 1 - truth : truth };
      });
      const checked = answers.slice(0, 200);
      rate.add(
        correctedRate(
          answers.map(({ cluster, judged }) => ({ cluster, value: judged })),
          checked,
        ),
      );
    }
    // The formula takes the checked answers to be others than those it corrects; they are some of them, so it is wider.
    expectCovered([rate], 0.99);
  });
});

afterAll(() =>
  console.log(`Coverage, ${replications} replications each:\n${all.map((each) => each.text()).join('\n')}`),
);
