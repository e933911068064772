import { describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json';
import { parseCatalogue, type TransformersCard } from '../../core/model.ts';
import { loadInWorker, type WorkerModel } from './loadInWorker.ts';
import { checkDevice } from './openModel.ts';
import { selfTestSchema, type SelfTest } from './selfTest.ts';

const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
const folderUrl = new URL(`/models/${card.folder}/`, document.baseURI).href;

/** WebGPU runs in software here, 10 s for a token: it is put to the shorter row only. */
function loadOnWebGpu(
  change: (row: SelfTest['rows'][number]) => SelfTest['rows'][number],
): Promise<WorkerModel> {
  return loadInWorker(
    { card, folderUrl, device: 'webgpu' },
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      checkDevice: (opened, stored) => {
        if (opened.device === 'wasm') return checkDevice(opened, stored);
        return checkDevice(opened, { rows: selfTestSchema.parse(stored).rows.slice(1).map(change) });
      },
    },
  );
}

describe('loadInWorker on WebGPU', () => {
  it('takes a device that reproduces the stored logits', { timeout: 240_000 }, async () => {
    const { facts } = await loadOnWebGpu((row) => row);
    expect(facts).toMatchObject({ device: 'webgpu', notes: [] });
  });

  it('falls back to the CPU and says why when they differ', { timeout: 240_000 }, async () => {
    const { facts, batcher } = await loadOnWebGpu(({ tokens, logits: [first, ...others] }) => ({
      tokens,
      logits: [{ token: first?.token ?? 0, value: (first?.value ?? 0) + 0.5 }, ...others],
    }));
    expect(facts.device).toBe('wasm');
    expect(facts.notes).toEqual([expect.stringMatching(/runs on the CPU.*check on webgpu is off by 0\.50/)]);
    const { text } = await batcher.generate({
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      sampling: { temperature: 0, topP: 1, maxTokens: 12, stop: [] },
      seed: 0,
    });
    expect(text).toContain('Paris');
  });
});
