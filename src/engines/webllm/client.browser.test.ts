import { expect, it } from 'vitest';
import type { LoadProgress } from '../../core/ports/engine.ts';
import { describeEngine } from '../../core/testing/engineContract.ts';
import { WebLlmEngine } from './client.ts';
import { installFixture } from './installFixture.ts';

const timeoutMs = 90_000;

describeEngine('WebLlmEngine', async () => new WebLlmEngine(await installFixture('base')), { timeoutMs });

it('says how far a load is, in bytes and seconds', { timeout: timeoutMs }, async () => {
  const engine = new WebLlmEngine(await installFixture('base'));
  const seen: LoadProgress[] = [];
  const facts = await engine.load({ onProgress: (progress) => seen.push(progress) });
  await engine.dispose();
  expect(facts).toMatchObject({
    kind: 'webllm',
    device: 'webgpu',
    contextTokens: 512,
    notes: [],
    library: expect.stringMatching(
      /^@mlc-ai\/web-llm [\d.]+, model library [0-9a-f]{8}, GPU .*swiftshader/i,
    ) as string,
  });
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['compile', 'check']);
  expect(seen.at(-1)?.loadedBytes).toBe(seen.at(-1)?.totalBytes);
  expect(seen.every(({ seconds }) => seconds !== undefined)).toBe(true);
});
