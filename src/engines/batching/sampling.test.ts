import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampler, drawToken } from './sampling.ts';

const logitsArbitrary = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), {
  minLength: 2,
  maxLength: 60,
});
const uniformArbitrary = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** The distribution by its definition: sort everything, cut, normalise. */
function distribution(logits: Float32Array, temperature: number, topP: number): Map<number, number> {
  const most = Math.max(...logits);
  const weights = [...logits].map((logit, token) => ({
    token,
    weight: Math.exp((logit - most) / temperature),
  }));
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const sorted = weights.sort((a, b) => b.weight - a.weight || a.token - b.token);
  let sum = 0;
  const kept = topP < 1 ? sorted.filter(({ weight }) => (sum += weight) - weight < topP * total) : sorted;
  const mass = kept.reduce((all, { weight }) => all + weight, 0);
  return new Map(kept.map(({ token, weight }) => [token, weight / mass]));
}

describe('drawToken', () => {
  it('draws every token as often as the softmax says', () => {
    const logits = Float32Array.of(2, 1, 0, -1, -8);
    for (const topP of [1, 0.9, 0.5]) {
      const draws = 20_000;
      const counts = new Map<number, number>();
      for (let i = 0; i < draws; i++) {
        const token = drawToken(logits, 0.8, topP, (i + 0.5) / draws);
        counts.set(token, (counts.get(token) ?? 0) + 1);
      }
      const expected = distribution(logits, 0.8, topP);
      for (const [token, share] of expected) expect((counts.get(token) ?? 0) / draws).toBeCloseTo(share, 3);
      expect([...counts.keys()].every((token) => expected.has(token))).toBe(true);
    }
  });

  it('draws only from the smallest set that reaches topP', () => {
    fc.assert(
      fc.property(
        logitsArbitrary,
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        uniformArbitrary,
        (values, topP, temperature, uniform) => {
          const logits = Float32Array.from(values);
          const token = drawToken(logits, temperature, topP, uniform);
          expect(distribution(logits, temperature, topP).has(token)).toBe(true);
        },
      ),
    );
  });
});

describe('drawToken in a large vocabulary', () => {
  const many = 200_000;
  const logits = new Float32Array(many + 1).fill(-18);
  logits[7] = 0;
  const farMass = many * Math.exp(-18);
  const share = farMass / (1 + farMass); // about 3e-3, in tokens that are e^-18 as likely as the first

  it('draws the unlikely tokens as often as they weigh together', () => {
    const draws = 3000;
    let far = 0;
    for (let i = 0; i < draws; i++) if (drawToken(logits, 1, 1, (i + 0.5) / draws) !== 7) far++;
    expect(Math.abs(far - share * draws)).toBeLessThanOrEqual(1);
  });

  it('cuts them off when topP leaves them out, and only then', () => {
    expect(drawToken(logits, 1, 1 - 2 * share, 0.9999)).toBe(7);
    expect(drawToken(logits, 1, 1 - share / 2, 0.9999)).not.toBe(7);
  });
});

describe('createSampler', () => {
  it('takes the first of the largest logits at temperature 0, whatever the seed', () => {
    const logits = Float32Array.of(1, 5, 5, -2);
    for (const seed of [0, 1, 2]) expect(createSampler({ temperature: 0, topP: 1, seed })(logits)).toBe(1);
  });

  it('repeats itself with the same seed, undisturbed by other samplers', () => {
    const logits = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
    const options = { temperature: 1, topP: 1, seed: 7 };
    const alone = createSampler(options);
    const expected = Array.from({ length: 20 }, () => alone(logits));
    const [first, other] = [createSampler(options), createSampler({ ...options, seed: 8 })];
    const found = Array.from({ length: 20 }, () => (other(logits), first(logits)));
    expect(found).toEqual(expected);
  });

  it('gives unrelated first draws to seeds that follow one another', () => {
    const logits = new Float32Array(10);
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      const token = createSampler({ temperature: 1, topP: 1, seed })(logits);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(70); // 5 standard deviations
  });
});
