import { beforeAll, describe, expect, it } from 'vitest';
import { readMessageRules } from '../../../checkpoint/messageRules.ts';
import type { GenerationRequest } from '../../../core/ports/engine.ts';
import { installFixture } from '../installFixture.ts';
import { loadInWorker, type WorkerModel } from '../loadInWorker.ts';
import { batchRuntimeOf } from './batchRuntime.ts';
import { type BatchDecoder, openBatchDecoder } from './openBatchDecoder.ts';

const contextTokens = 512;
const questions = [
  'Hi',
  'What are you?',
  'Who are you, and what do you do all day when nobody asks you anything at all?',
  'Tell me about your childhood, your first memory, your mother and the house that you grew up in. Then tell me more.',
];

function ask(
  content: string,
  change: Partial<GenerationRequest['sampling']> = {},
  seed = 1,
): GenerationRequest {
  return {
    messages: [{ role: 'user', content }],
    sampling: { temperature: 0, topP: 1, maxTokens: 40, stop: [], ...change },
    seed,
  };
}

describe('batches beside web-llm', { timeout: 120_000 }, () => {
  let model: WorkerModel;
  beforeAll(async () => {
    model = await loadInWorker(await installFixture('base', contextTokens), {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
  }, 120_000);

  function open(rows: number, forks = true): Promise<BatchDecoder> {
    return openBatchDecoder(model.opened.pipeline, {
      ...{ contextTokens, stopTexts: [], bytesPerNumber: 4, forks, rows },
      rules: readMessageRules(batchRuntimeOf(model.opened.pipeline).config),
      watch: { failure: new Promise<never>(() => undefined), lost: null },
    });
  }

  it.each([true, false])('answers greedily as web-llm does, token by token (forks: %s)', async (forks) => {
    const batch = await open(8, forks);
    const expected = [];
    for (const question of questions) {
      const { text, finish, promptTokens, tokens } = await model.decoder.generate(ask(question));
      expected.push({ text, finish, promptTokens, tokens });
    }
    const found = await Promise.all(
      [...questions, ...questions].map((question) => batch.generate(ask(question))),
    );
    for (const [index, answer] of found.entries()) expect(answer).toMatchObject(expected[index % 4]!);
    expect(found.map(({ width }) => width)).toEqual(found.map(() => 8));
    batch.forgetPrompts();
    batch.sequences.dispose();
  });
});
