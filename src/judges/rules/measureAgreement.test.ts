import { describe, expect, it } from 'vitest';
import { measureAgreement } from './measureAgreement.ts';

const times = (n: number, pair: readonly [string, string]) => Array.from({ length: n }, () => pair);

describe('measureAgreement', () => {
  it('gives the textbook kappa of 0.4', () => {
    const pairs = [
      ...times(20, ['yes', 'yes']),
      ...times(5, ['yes', 'no']),
      ...times(10, ['no', 'yes']),
      ...times(15, ['no', 'no']),
    ];
    const { n, accuracy, kappa, confusion } = measureAgreement(pairs);
    expect([n, accuracy]).toEqual([50, 0.7]);
    expect(kappa).toBeCloseTo(0.4, 12);
    expect(confusion).toEqual({ yes: { yes: 20, no: 5 }, no: { yes: 10, no: 15 } });
  });

  it('is 1 for equal labels, and unknown where only one label occurs', () => {
    expect(
      measureAgreement([
        ['a', 'a'],
        ['b', 'b'],
      ]).kappa,
    ).toBe(1);
    expect(
      measureAgreement([
        ['a', 'a'],
        ['a', 'a'],
      ]).kappa,
    ).toBeNull();
  });
});
