import { describe, expect, it } from 'vitest';
import { EngineError } from '../core/errors.ts';
import { type ModelCard, modelCardSchema } from '../core/model.ts';
import type { Engine } from '../core/ports/engine.ts';
import { EngineRegistry } from './engineRegistry.ts';

const file = { path: 'model.onnx', bytes: 1, sha256: '0'.repeat(64) };
const local = (id: string, folder: string): ModelCard =>
  modelCardSchema.parse({
    ...{ id, name: id, persona: null, base: id, licence: null, engine: 'transformers' },
    ...{ folder, graph: 'model.onnx', files: [file], contextTokens: 8 },
  });
const served = (model: string): ModelCard =>
  modelCardSchema.parse({
    ...{ id: model, name: model, persona: null, base: model, licence: null, engine: 'openai' },
    ...{ baseUrl: 'http://127.0.0.1:1/v1', model },
  });

class QuietEngine implements Engine {
  isDisposed = false;
  load = () => Promise.reject(new Error('not asked for here'));
  generate = () => Promise.reject(new Error('not asked for here'));
  async dispose() {
    this.isDisposed = true;
  }
}

function setUp(localModels?: number) {
  const make = async (): Promise<Engine> => new QuietEngine();
  const registry = new EngineRegistry(
    { transformers: make, openai: make, webllm: make },
    localModels ? { localModels } : {},
  );
  return { registry, open: async (card: ModelCard) => (await registry.open(card)) as QuietEngine };
}

describe('the registry of engines', () => {
  it('has one engine for cards of the same weights', async () => {
    const { open, registry } = setUp();
    const [base, persona] = await Promise.all([open(local('base', 'a')), open(local('persona', 'a'))]);
    expect(base).toBe(persona);
    expect(registry.openKeys).toHaveLength(1);
  });

  it('closes a local model before it opens another, and leaves served ones', async () => {
    const { open } = setUp();
    const first = await open(local('a', 'a'));
    const server = await open(served('s'));
    const second = await open(local('b', 'b'));
    expect([first.isDisposed, server.isDisposed, second.isDisposed]).toEqual([true, false, false]);
  });

  it('holds as many local models as it is told to', async () => {
    const { open } = setUp(2);
    const engines = [await open(local('a', 'a')), await open(local('b', 'b')), await open(local('c', 'c'))];
    expect(engines.map(({ isDisposed }) => isDisposed)).toEqual([true, false, false]);
  });

  it('gives a fresh engine in place of a lost one', async () => {
    const { open, registry } = setUp();
    const lost = await open(served('s'));
    expect(await registry.open(served('s'), { fresh: true })).not.toBe(lost);
    expect(lost.isDisposed).toBe(true);
  });

  it('tells of an engine that it does not know, and forgets the attempt', async () => {
    const { registry } = setUp();
    const card = { ...served('s'), engine: 'abacus' } as unknown as ModelCard;
    await expect(registry.open(card)).rejects.toThrow(EngineError);
    await expect(registry.open(card)).rejects.toThrow('"abacus" is not known');
    expect(registry.openKeys).toEqual([]);
  });
});
