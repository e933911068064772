import { describe, expect, it } from 'vitest';
import { EngineError, EngineLostError } from '../errors.ts';
import type { GenerationRequest } from '../ports/engine.ts';
import { describeEngine } from './engineContract.ts';
import { ScriptedEngine, failingAt, losingAt, tagOf } from './scriptedEngine.ts';

const longText = (request: GenerationRequest): string =>
  request.sampling.temperature === 0
    ? 'one two three four five six seven eight nine ten'.repeat(3)
    : `${tagOf({ ...request, sampling: { ...request.sampling, stop: [], maxTokens: 1 } })} and on and on and on.`;

describeEngine('ScriptedEngine', async () => new ScriptedEngine());
describeEngine('ScriptedEngine with a script', async () => new ScriptedEngine({ script: longText }));

const hi: GenerationRequest = {
  messages: [{ role: 'user', content: 'Hi there' }],
  sampling: { temperature: 0.8, topP: 1, maxTokens: 50, stop: [] },
  seed: 3,
};

describe('ScriptedEngine', () => {
  it('fails and is lost at the calls it is told to', async () => {
    const failing = new ScriptedEngine({ script: failingAt(2) });
    const losing = new ScriptedEngine({ script: losingAt(1) });
    await failing.load();
    await losing.load();
    await expect(failing.generate(hi)).resolves.toMatchObject({ finish: 'stop', promptTokens: 2 });
    await expect(failing.generate(hi)).rejects.toBeInstanceOf(EngineError);
    await expect(failing.generate(hi)).resolves.toMatchObject({ finish: 'stop' });
    await expect(losing.generate(hi)).rejects.toBeInstanceOf(EngineLostError);
    expect([failing.calls, losing.calls]).toEqual([3, 1]);
  });

  it('tells the time by its clock', async () => {
    let now = 1000;
    const wait = async (ms: number): Promise<void> => {
      now += ms;
    };
    const engine = new ScriptedEngine({
      script: () => 'a b c',
      tokenMs: 40,
      wait,
      clock: { now: () => now },
    });
    await engine.load();
    expect(await engine.generate(hi)).toMatchObject({
      text: 'a b c',
      durationMs: 120,
      tokenTimesMs: [40, 80, 120],
      tokenEnds: [1, 3, 5],
    });
  });

  it('stops waiting when it is aborted', async () => {
    const engine = new ScriptedEngine({ wait: () => new Promise(() => undefined) });
    await engine.load();
    const controller = new AbortController();
    const answer = engine.generate(hi, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it('can fail to load, and load later', async () => {
    const failLoad = (attempt: number) => (attempt === 1 ? new EngineError('Not yet.') : undefined);
    const engine = new ScriptedEngine({ failLoad });
    await expect(engine.load()).rejects.toThrow('Not yet.');
    await expect(engine.load()).resolves.toMatchObject({ kind: 'scripted' });
  });
});
