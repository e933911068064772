import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Estimate } from '../estimate.ts';

/** Intraclass correlation of the latent values. */
export const icc = 0.4;
/** Answers to a prompt. */
export const samples = 4;

export interface LatentValue {
  readonly cluster: string;
  readonly value: number;
}

/** Prompts have effects from a normal distribution, and answers scatter around them. Seeded. */
export class Population {
  readonly #random;

  constructor(seed: number) {
    this.#random = xoroshiro128plus(seed);
  }

  effects(prompts: number): number[] {
    return Array.from({ length: prompts }, () => this.normal());
  }

  /** Standard normal, alike within a prompt; the same `effects` make two models alike prompt by prompt. */
  latents(effects: readonly number[]): LatentValue[] {
    return effects.flatMap((effect, prompt) =>
      Array.from({ length: samples }, () => ({
        cluster: `p${prompt}`,
        value: Math.sqrt(icc) * effect + Math.sqrt(1 - icc) * this.normal(),
      })),
    );
  }

  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(this.#random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(this.#random));
  }
}

/** Counts how often intervals hold the truth. */
export class Coverage {
  readonly name: string;
  readonly truth: number;
  #asked = 0;
  #covered = 0;
  #width = 0;

  constructor(name: string, truth: number) {
    this.name = name;
    this.truth = truth;
  }

  add(estimate: Estimate): void {
    this.#asked += 1;
    if (estimate.kind !== 'interval') return;
    if (estimate.low <= this.truth && this.truth <= estimate.high) this.#covered += 1;
    this.#width += estimate.high - estimate.low;
  }

  rate(): number {
    return this.#covered / this.#asked;
  }

  text(): string {
    return `${this.name}: ${(this.rate() * 100).toFixed(1)} % (mean width ${(this.#width / this.#asked).toFixed(3)})`;
  }
}
