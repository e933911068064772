import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('Pace', () => {
  it('spreads calls that come together over the minute', async () => {
    let nowMs = 500;
    const waits: number[] = [];
    const wait = async (ms: number): Promise<void> => void waits.push(ms);
    const pace = new Pace(30, { now: () => nowMs, wait });
    await Promise.all([pace.next(), pace.next(), pace.next()]);
    expect(waits).toEqual([2000, 4000]);
    nowMs = 60_000;
    await pace.next();
    expect(waits).toHaveLength(2);
  });

  it('waits for nothing without a limit', async () => {
    const wait = async (): Promise<void> => expect.fail('waited');
    const pace = new Pace(undefined, { now: () => 0, wait });
    await Promise.all([pace.next(), pace.next()]);
  });
});
