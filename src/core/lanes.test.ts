import { describe, expect, it } from 'vitest';
import { runLanes, runLanesTogether } from './lanes.ts';

describe('runLanes', () => {
  it('keeps as many in flight as asked for, and no more', async () => {
    let inFlight = 0;
    let most = 0;
    const seen: number[] = [];
    await runLanes([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++inFlight);
      await Promise.resolve();
      await Promise.resolve();
      seen.push(item);
      inFlight -= 1;
    });
    expect(most).toBe(3);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('pulls nothing more after an error, lets the others finish, and throws the first', async () => {
    const finished: number[] = [];
    const work = async (item: number): Promise<void> => {
      if (item === 2) throw new Error('two');
      await new Promise((resolve) => setTimeout(resolve, 1));
      finished.push(item);
    };
    await expect(runLanes([1, 2, 3, 4, 5], 2, work)).rejects.toThrow('two');
    expect(finished).toEqual([1]);
  });

  it('ends at once where there is nothing to do', async () => {
    await expect(runLanes([], 4, () => Promise.reject(new Error('never')))).resolves.toBeUndefined();
  });
});

describe('runLanesTogether', () => {
  const untilAborted = (signal: AbortSignal): Promise<void> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

  it('ends what is in flight with the first error, which it throws', async () => {
    const begun: number[] = [];
    const work = runLanesTogether([1, 2, 3, 4], 2, undefined, async (item, signal) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 2) throw new Error('two');
      await untilAborted(signal);
    });
    await expect(work).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });

  it("ends with the parent's reason, and begins nothing after it", async () => {
    const parent = new AbortController();
    const begun: number[] = [];
    const work = runLanesTogether([1, 2, 3], 1, parent.signal, (item, signal) => {
      begun.push(item);
      return untilAborted(signal);
    });
    parent.abort(new Error('stopped'));
    await expect(work).rejects.toThrow('stopped');
    expect(begun).toEqual([1]);
  });
});
