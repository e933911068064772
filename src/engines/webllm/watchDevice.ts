import { EngineLostError } from '../../core/errors.ts';

/** Knows when the GPU fails. */
export interface DeviceWatch {
  /** Never resolves; rejects with {@link EngineLostError} when the GPU is lost or reports an error. */
  readonly failure: Promise<never>;
  /** What failed, so far nothing: null. */
  readonly lost: EngineLostError | null;
}

/**
 * Watches the device that web-llm is going to ask for. It keeps the device to itself, goes on computing with buffers
 * that could not be made, and leaves answers that wait for a lost device waiting for ever.
 */
export function watchDevice(gpu: GPU): DeviceWatch {
  let reject: (error: EngineLostError) => void = () => undefined;
  const failure = new Promise<never>((_, fail) => (reject = fail));
  // Whoever waits gets it; where nobody waits, that is no fault of its own.
  failure.catch(() => undefined);
  const watch: { failure: Promise<never>; lost: EngineLostError | null } = { failure, lost: null };
  const fail = (what: string): void => {
    watch.lost ??= new EngineLostError(
      `${what} Load the model again to go on; if it happens again, close other programs that use the GPU, or choose ` +
        'a smaller model.',
    );
    reject(watch.lost);
  };
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const adapter = await requestAdapter(options);
    if (adapter) followDevice(adapter, fail);
    return adapter;
  };
  return watch;
}

function followDevice(adapter: GPUAdapter, fail: (what: string) => void): void {
  const requestDevice = adapter.requestDevice.bind(adapter);
  adapter.requestDevice = async (options) => {
    const device = await requestDevice(options);
    void device.lost.then(({ message }) =>
      fail(`The GPU was lost${message ? ` (${firstLine(message)})` : ''}.`),
    );
    device.addEventListener('uncapturederror', ({ error }) => {
      const isMemory = error instanceof GPUOutOfMemoryError;
      fail(
        isMemory
          ? 'The GPU has not enough free memory.'
          : `The GPU reported an error (${firstLine(error.message)}).`,
      );
    });
    return device;
  };
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.slice(0, 200) ?? '';
}
