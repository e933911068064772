import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, hashOf, hasherOf, seedOf } from './ids.ts';

describe('canonicalJson', () => {
  it('does not depend on the order of members', () => {
    expect(canonicalJson({ b: [1, { y: null, x: 'é' }], a: true })).toBe(
      '{"a":true,"b":[1,{"x":"é","y":null}]}',
    );
  });

  it('leaves undefined members out, as JSON does', () => {
    expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      }),
    );
  });
});

describe('hashOf', () => {
  it('is the SHA-256 of the canonical JSON, as Node computes it', () => {
    const value = { prompt: 'Quién eres? 🙂', seed: 7 };
    expect(hashOf(value)).toBe(createHash('sha256').update(canonicalJson(value)).digest('hex'));
  });
});

describe('hasherOf', () => {
  it('is hashOf, whatever stays the same and whichever members change', () => {
    const names = fc.uniqueArray(fc.constantFrom<string[]>('a', 'key', 'sample', 'zz', 'é'), {
      minLength: 0,
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        names,
        fc.array(fc.jsonValue()),
        (fixed, own, more) => {
          const hash = hasherOf({ ...fixed, gone: undefined }, own);
          for (const value of more) {
            const values = Object.fromEntries(own.map((name, place) => [name, place === 0 ? value : place]));
            expect(hash(values)).toBe(hashOf({ ...fixed, ...values }));
          }
        },
      ),
    );
  });
});

describe('seedOf', () => {
  it('is a 32-bit number that differs with every part', () => {
    const seeds = [0, 1, 2].flatMap((sample) =>
      [0, 0.8].map((temperature) => seedOf(['p', temperature, sample])),
    );
    expect(new Set(seeds).size).toBe(6);
    for (const seed of seeds) expect(seed).toBe(seed >>> 0);
  });
});
