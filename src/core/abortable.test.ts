import { describe, expect, it } from 'vitest';
import { abortable, withAbort } from './abortable.ts';

const forever = new Promise<never>(() => undefined);

describe('abortable', () => {
  it('passes the result and the error of the work on', async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
    await expect(abortable(Promise.resolve(2), undefined)).resolves.toBe(2);
  });

  it('ends with the reason, whether the abort comes before or during the work', async () => {
    const controller = new AbortController();
    const waiting = abortable(forever, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(abortable(forever, controller.signal)).rejects.toThrow('enough');
    await expect(abortable(Promise.reject(new Error('late')), controller.signal)).rejects.toThrow('enough');
  });
});

describe('withAbort', () => {
  const waitIn = ({ signal }: AbortController) => abortable(forever, signal);

  it('follows its parent, whether that is aborted before or during the work', async () => {
    const parent = new AbortController();
    const waiting = withAbort(parent.signal, waitIn);
    parent.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(withAbort(parent.signal, waitIn)).rejects.toThrow('enough');
  });

  it('can be aborted alone, with and without a parent', async () => {
    const parent = new AbortController();
    for (const signal of [parent.signal, undefined]) {
      const waiting = withAbort(signal, (controller) => {
        controller.abort(new Error('alone'));
        return waitIn(controller);
      });
      await expect(waiting).rejects.toThrow('alone');
    }
    expect(parent.signal.aborted).toBe(false);
  });
});
