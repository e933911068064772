import { recordDevices } from './recordDevices.ts';
import './worker.ts';

/** How a test wants the GPU to fail. */
export type GpuFault = 'lost' | 'memory';

/** Where it says so. */
export const faultChannel = 'gpu-fault';

// The real worker, but for a GPU that fails when it is told to: nothing else makes it fail in the midst of a batch.
const devices: GPUDevice[] = [];
recordDevices(devices);

new BroadcastChannel(faultChannel).addEventListener('message', ({ data }: MessageEvent<GpuFault>) => {
  const error = new GPUOutOfMemoryError('no memory for a buffer');
  for (const device of devices) {
    if (data === 'lost') device.destroy();
    else device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
  }
});
