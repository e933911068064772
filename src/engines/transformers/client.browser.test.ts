import { afterEach, describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json';
import { EngineLostError, ModelFileError } from '../../core/errors.ts';
import { parseCatalogue, type TransformersCard } from '../../core/model.ts';
import type { Engine, GenerationRequest, LoadProgress } from '../../core/ports/engine.ts';
import { describeEngine } from '../../core/testing/engineContract.ts';
import { TransformersEngine } from './client.ts';
import type { DeviceChoice } from './protocol.ts';

const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
let engine: Engine | null = null;

function open(device: DeviceChoice, change: Partial<TransformersCard> = {}): Engine {
  engine = new TransformersEngine({ ...card, ...change }, { modelsUrl: '/models/', device });
  return engine;
}

afterEach(async () => {
  await engine?.dispose();
  engine = null;
});

function ask(content: string, maxTokens = 12, seed = 3): GenerationRequest {
  return {
    messages: [
      { role: 'system', content: 'Answer naturally and directly.' },
      { role: 'user', content },
    ],
    sampling: { temperature: 0.8, topP: 0.95, maxTokens, stop: [] },
    seed,
  };
}

describe('TransformersEngine in a browser', () => {
  it(
    'loads, answers alike alone and together, streams, aborts, and leaves the page free',
    { timeout: 180_000 },
    async () => {
      const longTasks: number[] = [];
      const wasm = open('auto');
      const phases: LoadProgress[] = [];
      const facts = await wasm.load({ onProgress: (progress) => phases.push(progress) });
      expect(facts).toMatchObject({ device: 'wasm', contextTokens: 2048, notes: [] });
      expect([...new Set(phases.map(({ phase }) => phase))]).toEqual(['download', 'compile', 'check']);
      expect(phases.at(-1)?.loadedBytes).toBe(phases.at(-1)?.totalBytes);

      const observer = new PerformanceObserver((list) =>
        longTasks.push(...list.getEntries().map(({ duration }) => duration)),
      );
      observer.observe({ type: 'longtask' });
      const questions = ['What are you?', 'Are you an AI? Be honest with me, please.', 'Hi'];
      const shown: string[] = [];
      const alone = await wasm.generate(ask('What are you?', 24), { onText: (text) => shown.push(text) });
      const told: string[] = [];
      await wasm.generate(ask('What are you, if you are not what they say? '.repeat(6), 1), {
        onRead: () => told.push('read'),
        onText: () => told.push('text'),
      });
      // Some 80 tokens, read by 32.
      expect(told.slice(0, 3)).toEqual(['read', 'read', 'text']);
      const together = await Promise.all(questions.map((question) => wasm.generate(ask(question, 24))));
      expect(together[0]?.text).toBe(alone.text);
      // The first may be admitted before the others' messages have arrived.
      expect(Math.max(...together.map(({ width }) => width))).toBe(3);
      expect(shown.length).toBeGreaterThan(1);
      for (const text of shown) expect(alone.text.startsWith(text)).toBe(true);

      const controller = new AbortController();
      const story = wasm.generate(ask('Tell me a long story.', 500), {
        signal: controller.signal,
        onText: () => controller.abort(),
      });
      await expect(story).rejects.toMatchObject({ name: 'AbortError' });
      expect((await wasm.generate(ask('What are you?', 24))).text).toBe(alone.text);
      observer.disconnect();
      expect(Math.max(0, ...longTasks)).toBeLessThan(100);

      const lost = wasm.generate(ask('Tell me a long story.', 500));
      await wasm.dispose();
      await expect(lost).rejects.toBeInstanceOf(EngineLostError);
    },
  );

  it('names a file that is not there, and one that was altered', async () => {
    const [first, ...others] = card.files as [
      TransformersCard['files'][number],
      ...TransformersCard['files'],
    ];
    const missing = open('wasm', { files: [{ ...first, path: 'gone.json' }, ...others] }).load();
    await expect(missing).rejects.toBeInstanceOf(ModelFileError);
    await expect(missing).rejects.toThrow(/gone\.json/);
    await engine?.dispose();
    const altered = open('wasm', { files: [{ ...first, sha256: '0'.repeat(64) }, ...others] }).load();
    await expect(altered).rejects.toThrow(new RegExp(`${first.path} is not the one in the catalogue`));
  });
});

describeEngine(
  'TransformersEngine',
  async () => new TransformersEngine(card, { modelsUrl: '/models/', device: 'wasm' }),
  { timeoutMs: 180_000 },
);
