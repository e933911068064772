import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import type { WebLlmCard } from '../../core/model.ts';
import type { GenerationRequest } from '../../core/ports/engine.ts';
import { installFixture } from './installFixture.ts';
import { loadInWorker, type WorkerModel } from './loadInWorker.ts';
import { testPipeline } from './selfTest.ts';
import { recordDevices } from './recordDevices.ts';
import { addressOf } from './store/placeOf.ts';
import { WebLlmCache } from './store/webLlmCache.ts';

const contextTokens = 256;
let card: WebLlmCard;
const devices: GPUDevice[] = [];

function load(change: Partial<Parameters<typeof loadInWorker>[1]> = {}, other = card): Promise<WorkerModel> {
  return loadInWorker(
    { card: other },
    {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...change,
    },
  );
}

function ask(content: string, maxTokens = 8, system = 'Be kind.'): GenerationRequest {
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content },
    ],
    sampling: { temperature: 0, topP: 1, maxTokens, stop: [] },
    seed: 1,
  };
}

beforeAll(async () => {
  card = await installFixture('base', contextTokens);
  return recordDevices(devices);
});
afterEach(() => vi.restoreAllMocks());

describe('a loaded checkpoint', { timeout: 90_000 }, () => {
  let model: WorkerModel;
  beforeAll(async () => {
    model = await load();
  }, 90_000);

  it('gives the same logits when a prompt is read in parts', async () => {
    expect((await testPipeline(model.opened.pipeline, 'q4f32_1')).error).toBeLessThan(1e-4);
  });

  it('takes signs that mean something to String.replace as they are', async () => {
    const tokens = async (text: string, system?: string) =>
      (await model.decoder.generate(ask(text, 1, system))).promptTokens;
    expect(await tokens('1 $& 2')).toBe(await tokens('1 #& 2'));
    expect(await tokens('1 $$ 2', 'a $& b $$ c')).toBe(await tokens('1 ## 2', 'a #& b ## c'));
  });

  it('adds no system text of its own', async () => {
    const [, user] = ask('Hi').messages;
    const bare = await model.decoder.generate({ ...ask('Hi', 1), messages: [user!] });
    const empty = await model.decoder.generate(ask('Hi', 1, ''));
    expect(bare.promptTokens).toBe(empty.promptTokens);
  });

  it('ends at the end of the context, and refuses a prompt that is longer', async () => {
    const room = contextTokens - (await model.decoder.generate(ask('Hi', 1))).promptTokens;
    const outcomes = new Set<string>();
    for (let extra = -3; extra <= 4; extra += 1) {
      // Around the limit: an answer or a sentence, never a broken engine.
      const edge = model.decoder.generate(ask('\u0001'.repeat(room + extra), 64));
      const outcome = await edge.catch((error: unknown) => error as Error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(EngineError);
      else expect(outcome.promptTokens + outcome.tokens).toBeLessThanOrEqual(contextTokens + 1);
      outcomes.add(outcome instanceof Error ? outcome.name : outcome.finish);
    }
    expect([...outcomes]).toEqual(['length', 'EngineError']);
    const refused = model.decoder.generate(ask('\u0001'.repeat(600)));
    await expect(refused).rejects.toThrow(/this model takes 255 at most/);
    expect((await model.decoder.generate(ask('Hi'))).text).not.toBe('');
  });

  it('refuses a conversation that does not end with the user', async () => {
    const request = { ...ask('Hi'), messages: [{ role: 'assistant' as const, content: 'Hello.' }] };
    await expect(model.decoder.generate(request)).rejects.toBeInstanceOf(EngineError);
  });

  it('is lost when the runtime fails, and says so', async () => {
    vi.spyOn(model.opened.pipeline.device, 'sync').mockRejectedValueOnce(new Error('unreachable'));
    await expect(model.decoder.generate(ask('Hi'))).rejects.toThrow(EngineLostError);
  });

  it('is lost with its GPU, in the midst of an answer and afterwards', async () => {
    model = await load();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const answer = model.decoder.generate(ask('Tell me a story.', 200), { onText: () => begin() });
    await begun;
    devices.at(-1)?.destroy();
    await expect(answer).rejects.toThrow(/^The GPU was lost/);
    await expect(model.decoder.generate(ask('Hi'))).rejects.toBeInstanceOf(EngineLostError);
  });
});

describe('loading', { timeout: 90_000 }, () => {
  it('answers one at a time, and says why, where the library has no functions for batches', async () => {
    const { facts, decoder, opened } = await load({
      test: async (pipeline, quantisation) => {
        const result = await testPipeline(pipeline, quantisation);
        Reflect.set(pipeline, 'stopTokens', null);
        return result;
      },
    });
    expect(facts.concurrency).toBe(1);
    expect(facts.notes).toEqual(['Answers come one at a time: web-llm lacks stopTokens.length.']);
    expect((await decoder.generate(ask('Hi'))).text).not.toBe('');
    expect(opened.pipeline.contextWindowSize).toBeGreaterThan(contextTokens - 4);
  });

  it('names a GPU that reads long prompts wrongly', async () => {
    const { facts } = await load({ test: async () => ({ error: 0.31, isRight: false }) });
    expect(facts.notes).toEqual([
      expect.stringMatching(/^This GPU \(.+\) computes wrongly .* off by 31 %.*up to 256 tokens/),
    ]);
  });

  it('says where to install a model that is not there', async () => {
    await expect(load({}, { ...card, installed: null })).rejects.toThrow(/not installed.*Open Models/);
    const other = { ...card.installed!, sha256: '0'.repeat(64) };
    await expect(load({}, { ...card, installed: other })).rejects.toThrow(/Nothing of this model is stored/);
  });

  it('offers another model where there is no WebGPU', async () => {
    vi.spyOn(navigator, 'gpu', 'get').mockReturnValue(undefined as never);
    await expect(load()).rejects.toThrow(/no WebGPU.*Choose the embedded model/);
  });

  it('fetches a broken shard again by itself', async () => {
    const cache = new WebLlmCache();
    const shard = `${addressOf(card.installed!.sha256)}params_shard_0.bin`;
    await cache.delete('webllm/model', shard);
    const phases = new Set<string>();
    await load({ onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(['download', 'compile', 'check']);
    await cache.delete('webllm/model', shard);
    const imported = { ...card, installed: { ...card.installed!, folder: null } };
    await expect(load({}, imported)).rejects.toThrow(/Import that folder again/);
  });
});
