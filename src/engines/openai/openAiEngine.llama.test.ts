import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LlamaServer,
  hasLlamaServer,
  llamaTests,
  startLlamaServer,
} from '../../../tools/llamaServer.ts';
import type { OpenAiCard } from '../../core/model.ts';
import type { GenerationRequest } from '../../core/ports/engine.ts';
import { describeEngine } from '../../core/testing/engineContract.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import { OpenAiEngine, type OpenAiEngineOptions } from './openAiEngine.ts';

function ask(content: string, maxTokens = 40): GenerationRequest {
  return {
    messages: [
      { role: 'system', content: 'Answer naturally and directly.' },
      { role: 'user', content },
    ],
    sampling: { temperature: 0, topP: 1, maxTokens, stop: [] },
    seed: 1,
  };
}

describe.skipIf(!hasLlamaServer())('OpenAiEngine on the real llama.cpp server', llamaTests, () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ apiKey: 'right', parallel: 4 });
  });
  afterAll(() => server?.stop());

  function open(change: Partial<OpenAiCard> = {}, options: OpenAiEngineOptions = {}): OpenAiEngine {
    const card = { ...servedModel(server.model, 4), baseUrl: server.baseUrl, ...change };
    return new OpenAiEngine(card, { apiKey: 'right', retries: 0, ...options });
  }

  // Its batches change the last bit of a probability, so a text may differ from the one that is made alone.
  describeEngine('contract', async () => open(), {
    repeatsTogether: false,
    scores: false,
    timeoutMs: llamaTests.timeout,
  });

  it('counts tokens by usage, and makes no remark', async () => {
    const engine = open();
    const answer = await engine.generate(ask('What is the capital of France?'));
    expect(answer.text).toContain('Paris');
    expect(answer).toMatchObject({ finish: 'stop', notes: [] });
    expect(answer.promptTokens).toBeGreaterThan(10);
  });

  it('says what is wrong with a key, a path and a text that is too long', async () => {
    await expect(open({}, { apiKey: 'wrong' }).generate(ask('Hi'))).rejects.toThrow(
      'refused the API key (401)',
    );
    await expect(open({}, { apiKey: undefined as never }).generate(ask('Hi'))).rejects.toThrow(
      'wants an API key',
    );
    const baseUrl = server.baseUrl.replace('/v1', '/v7');
    await expect(open({ baseUrl }).generate(ask('Hi'))).rejects.toThrow('no OpenAI-compatible service');
    await expect(open().generate(ask('word '.repeat(3000)))).rejects.toThrow('do not fit into the context');
  });

  it('is told of any name, and says who answers', async () => {
    const { notes } = await open({ model: 'maria' }).load();
    expect(notes).toEqual([expect.stringContaining('whatever name is asked for')]);
  });

  it('fails with a sentence when the server dies in the middle of an answer', async () => {
    const mortal = await startLlamaServer({ parallel: 2 });
    const engine = open({ baseUrl: mortal.baseUrl });
    await engine.load();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const answers = [1, 2].map(() =>
      engine.generate(ask('Tell me a long story.', 1500), { onText: begin }).catch((error: unknown) => error),
    );
    await begun;
    await mortal.stop();
    for (const failure of await Promise.all(answers)) {
      expect(failure).toMatchObject({
        name: 'EngineError',
        message: expect.stringMatching(/broke|ended|reached/),
      });
    }
    await expect(engine.generate(ask('Hi'))).rejects.toThrow('the connection was refused');
  });
});
