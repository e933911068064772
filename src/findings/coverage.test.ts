import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClusteredValue } from './clusters.ts';
import {
  type Estimate,
  meanByCluster,
  pairedMeanDifference,
  pairedRateDifference,
  rateByCluster,
} from './estimate.ts';

/**
 * Answers to one prompt are alike: prompts have effects from a normal distribution, answers scatter around
 * them; a flag is a latent value above a threshold. The truth is that of the population of prompts. Seeded.
 */
const replications = 2_000;
const samples = 4;
const table: string[] = [];

class Population {
  readonly #random;
  readonly #icc: number;

  constructor(seed: number, icc: number) {
    this.#random = xoroshiro128plus(seed);
    this.#icc = icc;
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(this.#random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(this.#random));
  }

  /** Standard normal latent values, correlated by icc within a prompt; `shared` with a paired model. */
  latents(prompts: number, effects = this.effects(prompts)): ClusteredValue[] {
    return effects.flatMap((effect, prompt) =>
      Array.from({ length: samples }, () => ({
        cluster: `p${prompt}`,
        value: Math.sqrt(this.#icc) * effect + Math.sqrt(1 - this.#icc) * this.normal(),
      })),
    );
  }

  effects(prompts: number): number[] {
    return Array.from({ length: prompts }, () => this.normal());
  }
}

const map = (values: readonly ClusteredValue[], change: (value: number) => number): ClusteredValue[] =>
  values.map(({ cluster, value }) => ({ cluster, value: value === null ? null : change(value) }));
const above = (threshold: number) => (value: number) => (value > threshold ? 1 : 0);

function coverage(name: string, truth: number, draw: () => Estimate): number {
  let covered = 0;
  let width = 0;
  for (let index = 0; index < replications; index += 1) {
    const estimate = draw();
    if (estimate.kind !== 'interval') continue;
    if (estimate.low <= truth && truth <= estimate.high) covered += 1;
    width += estimate.high - estimate.low;
  }
  const rate = covered / replications;
  table.push(`${name}: ${(rate * 100).toFixed(1)} % (mean width ${(width / replications).toFixed(3)})`);
  return rate;
}

/** Upper-tail probability of the standard normal at these thresholds, from scipy.stats.norm.sf. */
const rates = [
  { rate: 0.5, threshold: 0 },
  { rate: 0.2, threshold: 0.8416212335729143 },
  { rate: 0.95, threshold: -1.6448536269514729 },
];
const rareRates = [
  { rate: 0.02, threshold: 2.053748910631823 },
  { rate: 0.005, threshold: 2.5758293035489004 },
];

/** 2,000 replications scatter by 1.5 points (three standard errors) around what a method really covers. */
const [least, most] = [0.93, 0.97];

describe.each([40, 200])('95 % intervals on %i prompts with 4 answers', (prompts) => {
  it.each([0.3])('cover the mean (icc %d)', (icc) => {
    const population = new Population(1, icc);
    const draw = () => meanByCluster(map(population.latents(prompts), (value) => 50 + 20 * value));
    const covered = coverage(`mean, ${prompts} prompts, icc ${icc}`, 50, draw);
    expect(covered).toBeGreaterThan(least);
    expect(covered).toBeLessThan(most);
  });

  it.each(rates)('cover a rate of $rate', ({ rate, threshold }) => {
    const population = new Population(2, 0.3);
    const draw = () => rateByCluster(map(population.latents(prompts), above(threshold)));
    const covered = coverage(`rate ${rate}, ${prompts} prompts`, rate, draw);
    expect(covered).toBeGreaterThan(least);
    expect(covered).toBeLessThan(most);
  });

  it.each(rareRates)('cover a rare rate of $rate, if need be by being wide', ({ rate, threshold }) => {
    const population = new Population(3, 0.5);
    const draw = () => rateByCluster(map(population.latents(prompts), above(threshold)));
    expect(coverage(`rare rate ${rate}, ${prompts} prompts`, rate, draw)).toBeGreaterThan(least);
  });
});

describe('95 % intervals of paired differences on 40 prompts', () => {
  it('cover a difference of means', () => {
    const population = new Population(4, 0.5);
    const covered = coverage('paired means', 8, () => {
      const effects = population.effects(40);
      const a = map(population.latents(40, effects), (value) => 58 + 20 * value);
      return pairedMeanDifference(
        a,
        map(population.latents(40, effects), (value) => 50 + 20 * value),
      );
    });
    expect(covered).toBeGreaterThan(least);
    expect(covered).toBeLessThan(most);
  });

  it('cover a difference of rates', () => {
    const population = new Population(5, 0.5);
    const covered = coverage('paired rates 0.95 - 0.2', 0.75, () => {
      const effects = population.effects(40);
      const a = map(population.latents(40, effects), above(-1.6448536269514729));
      return pairedRateDifference(a, map(population.latents(40, effects), above(0.8416212335729143)));
    });
    expect(covered).toBeGreaterThan(least);
  });
});

describe('the bootstrap', () => {
  it('covers the mean of a skewed score on 40 prompts', () => {
    const population = new Population(6, 0.5);
    // The mean of exp(Z) is exp(1/2).
    const resample = { bootstrap: { seed: 1, resamples: 200 } };
    const draw = () => meanByCluster(map(population.latents(40), Math.exp), resample);
    const t = coverage('skewed mean, t', Math.exp(0.5), () =>
      meanByCluster(map(population.latents(40), Math.exp)),
    );
    const bootstrap = coverage('skewed mean, bootstrap', Math.exp(0.5), draw);
    // Neither holds 95 % on so skewed a score: this is what they are, written down.
    expect(t).toBeGreaterThan(0.88);
    expect(bootstrap).toBeGreaterThan(0.88);
  });
});

afterAll(() => console.log(`Coverage, ${replications} replications each:\n${table.join('\n')}`));
