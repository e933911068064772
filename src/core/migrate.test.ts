import { describe, expect, it } from 'vitest';
import { type Migration, lift, migrate } from './migrate.ts';
import { exampleRun } from './testing/exampleRun.ts';

const steps: readonly Migration[] = [
  ({ title, ...rest }) => ({ ...rest, name: title }),
  (record) => ({ ...record, tags: [] }),
];

describe('lift', () => {
  it('takes a record without a format for the first one, and applies every later step in order', () => {
    expect(lift({ title: 'a' }, steps, 'runs')).toEqual({ format: 3, name: 'a', tags: [] });
  });

  it('applies only the steps that a record lacks', () => {
    expect(lift({ format: 2, name: 'a' }, steps, 'runs')).toEqual({ format: 3, name: 'a', tags: [] });
    expect(lift({ format: 3, name: 'a' }, steps, 'runs')).toEqual({ format: 3, name: 'a' });
  });

  it('leaves the record it was given alone', () => {
    const record = Object.freeze({ title: 'a' });
    lift(record, steps, 'runs');
    expect(record).toEqual({ title: 'a' });
  });

  it('refuses a record of a newer version', () => {
    expect(() => lift({ format: 4 }, steps, 'runs')).toThrow(
      'A record in runs has format 4; this version knows formats up to 3. It was written by a newer version',
    );
  });

  it('leaves what is no record to the schema', () => {
    for (const odd of [null, 'text', [1], { format: 'x' }, { format: 0.5 }, { format: -1 }]) {
      expect(lift(odd, steps, 'runs')).toBe(odd);
    }
  });
});

describe('migrate', () => {
  it('has nothing to do for a record of today', () => {
    const run = exampleRun();
    expect(migrate('runs', run)).toEqual(run);
  });

  it('never looks into settings', () => {
    expect(migrate('settings', { format: 99 })).toEqual({ format: 99 });
  });
});
