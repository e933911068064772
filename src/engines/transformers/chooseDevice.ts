import type { DeviceChoice } from './protocol.ts';

/** The parts of WebGPU that the choice needs. */
export interface GpuLike {
  requestAdapter(): Promise<{
    readonly info?: {
      readonly vendor?: string;
      readonly architecture?: string;
      readonly isFallbackAdapter?: boolean;
    };
  } | null>;
}

/**
 * The device for a choice. `auto` takes WebGPU only on a real GPU: a software one (SwiftShader) needs seconds
 * for a token, wasm a twentieth of a second.
 */
export async function chooseDevice(
  choice: DeviceChoice,
  gpu: GpuLike | undefined,
): Promise<'wasm' | 'webgpu'> {
  if (choice !== 'auto') return choice;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (!adapter) return 'wasm';
  const { vendor = '', architecture = '', isFallbackAdapter = false } = adapter.info ?? {};
  const isSoftware = isFallbackAdapter || /swiftshader|llvmpipe|software/i.test(`${vendor} ${architecture}`);
  return isSoftware ? 'wasm' : 'webgpu';
}
