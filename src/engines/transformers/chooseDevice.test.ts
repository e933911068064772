import { describe, expect, it } from 'vitest';
import { chooseDevice } from './chooseDevice.ts';

const gpu = (info: object | null) => ({ requestAdapter: async () => info && { info } });

describe('chooseDevice', () => {
  it('takes a real GPU, and the CPU for software ones and for none', async () => {
    expect(await chooseDevice('auto', gpu({ vendor: 'nvidia', architecture: 'ampere' }))).toBe('webgpu');
    expect(await chooseDevice('auto', gpu({ vendor: 'google', architecture: 'swiftshader' }))).toBe('wasm');
    expect(await chooseDevice('auto', gpu({ isFallbackAdapter: true }))).toBe('wasm');
    expect(await chooseDevice('auto', gpu(null))).toBe('wasm');
    expect(await chooseDevice('auto', undefined)).toBe('wasm');
    expect(await chooseDevice('auto', { requestAdapter: () => Promise.reject(new Error('blocked')) })).toBe(
      'wasm',
    );
  });

  it('does what it is told', async () => {
    expect(await chooseDevice('webgpu', undefined)).toBe('webgpu');
    expect(await chooseDevice('wasm', gpu({ vendor: 'nvidia' }))).toBe('wasm');
  });
});
