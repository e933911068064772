/**
 * For tests: puts every GPU device that is asked for from now on into `devices`, since nothing else tells them. Gives
 * what undoes it.
 */
export function recordDevices(devices: GPUDevice[]): () => void {
  const requestDevice = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'requestDevice')
    ?.value as GPUAdapter['requestDevice'];
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, options) {
    const device = await requestDevice.call(this, options);
    devices.push(device);
    return device;
  };
  return () => {
    GPUAdapter.prototype.requestDevice = requestDevice;
  };
}
