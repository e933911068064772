import { beforeEach, describe, expect, it } from 'vitest';
import { EngineError, EngineLostError } from '../../core/errors.ts';
import { type ModelCard, engineKeyOf, modelCardSchema } from '../../core/model.ts';
import type { Engine } from '../../core/ports/engine.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import { ScriptedEngine, type ScriptedEngineOptions } from '../../core/testing/scriptedEngine.ts';
import { type EngineSource, EnginesState } from './enginesState.svelte.ts';

const file = { path: 'model.onnx', bytes: 1, sha256: '0'.repeat(64) };
const local = (id: string): ModelCard =>
  modelCardSchema.parse({
    ...{ id, name: id, persona: null, base: id, licence: null, engine: 'transformers' },
    ...{ folder: id, graph: 'model.onnx', files: [file], contextTokens: 8 },
  });

/** Holds one local model at a time, as the registry does. */
class Shelf implements EngineSource {
  readonly engines = new Map<string, Engine>();
  options: ScriptedEngineOptions = {};
  made = 0;

  get openKeys() {
    return [...this.engines.keys()];
  }
  async open(card: ModelCard, { fresh = false } = {}) {
    const key = engineKeyOf(card);
    const known = this.engines.get(key);
    if (known && !fresh) return known;
    if (card.engine !== 'openai') this.engines.clear();
    this.made += 1;
    const engine = new ScriptedEngine(this.options);
    this.engines.set(key, engine);
    return engine;
  }
  async close(card: ModelCard) {
    await this.engines.get(engineKeyOf(card))?.dispose();
    this.engines.delete(engineKeyOf(card));
  }
}

const request = {
  messages: [{ role: 'user', content: 'Who?' }],
  sampling: { temperature: 0, topP: 1, maxTokens: 9, stop: [] },
  seed: 1,
} as const;

let shelf: Shelf;
let engines: EnginesState;
beforeEach(() => {
  shelf = new Shelf();
  engines = new EnginesState(shelf);
});

describe('the engines', () => {
  it('score as the engine does, where it can', async () => {
    shelf.options = { script: () => 'Yes' };
    const card = local('a');
    const engine = await engines.open(card);
    await engine.load();
    const { messages } = request;
    const scores = await engine.score?.({ messages, continuations: ['Yes', 'No'] });
    expect(scores).toEqual(
      await shelf.engines.get(engineKeyOf(card))?.score?.({ messages, continuations: ['Yes', 'No'] }),
    );
    const served = servedModel('served');
    shelf.engines.set(engineKeyOf(served), Object.assign(new ScriptedEngine(), { score: undefined }));
    expect('score' in (await engines.open(served))).toBe(false);
  });

  it('are ready once loaded, and idle once unloaded', async () => {
    const card = local('a');
    expect(engines.statusOf(card)).toEqual({ state: 'idle' });
    await engines.load(card);
    expect(engines.statusOf(card)).toMatchObject({ state: 'ready', facts: { kind: 'scripted' } });
    await engines.unload(card);
    expect(engines.statusOf(card)).toEqual({ state: 'idle' });
  });

  it('show the progress of whoever loads them', async () => {
    const card = servedModel('s');
    const engine = await engines.open(card);
    const loading = engine.load({ onProgress: () => expect(engines.statusOf(card).state).toBe('loading') });
    expect(engines.statusOf(card)).toMatchObject({ state: 'loading' });
    await loading;
    expect(engines.statusOf(card).state).toBe('ready');
    expect.assertions(3);
  });

  it('say why a load failed, and are made anew the next time', async () => {
    shelf.options = { failLoad: () => new EngineError('The file is cut. Fetch it again.') };
    await engines.load(local('a'));
    expect(engines.statusOf(local('a'))).toEqual({
      state: 'failed',
      error: 'The file is cut. Fetch it again.',
    });
    shelf.options = {};
    await engines.load(local('a'));
    expect(engines.statusOf(local('a')).state).toBe('ready');
    expect(shelf.made).toBe(2);
  });

  it('are failed when the device is lost, and open anew', async () => {
    shelf.options = { script: () => new EngineLostError('The device was lost. Load the model anew.') };
    const engine = await engines.open(local('a'));
    await engine.load();
    await expect(engine.generate(request)).rejects.toThrow(EngineLostError);
    expect(engines.statusOf(local('a')).state).toBe('failed');
    await engines.open(local('a'));
    expect(shelf.made).toBe(2);
  });

  it('forget a local model that gave way to another', async () => {
    await engines.load(local('a'));
    await engines.load(local('b'));
    expect([engines.statusOf(local('a')).state, engines.statusOf(local('b')).state]).toEqual([
      'idle',
      'ready',
    ]);
  });

  it('do not take a local model away from one who is being answered', async () => {
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    shelf.options = { wait: () => held };
    const engine = await engines.open(local('a'));
    await engine.load();
    const answer = engine.generate(request);
    await expect(engines.open(local('b'))).rejects.toThrow('a is still answering');
    await engines.open(servedModel('s'));
    goOn();
    await answer;
    await engines.open(local('b'));
    expect(shelf.made).toBe(3);
  });

  it('measure tokens per second', async () => {
    let nowMs = 0;
    shelf.options = {
      script: () => 'one two three four five',
      clock: { now: () => nowMs },
      wait: async () => void (nowMs += 100),
    };
    await engines.warmUp(local('a'));
    expect(engines.statusOf(local('a'))).toMatchObject({ state: 'ready', tokensPerSecond: 10 });
  });
});
