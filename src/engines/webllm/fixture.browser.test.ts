import { describe, expect, it } from 'vitest';
import llama from '../../../models/webllm/fixture/expected.json';
import mistral from '../../../models/webllm/fixture/mistral-expected.json';
import type { Message } from '../../core/ports/engine.ts';
import { type FixtureName, installFixture } from './installFixture.ts';
import { loadInWorker } from './loadInWorker.ts';

const cases = [
  ['base', llama, 'baseQ4'],
  ['persona', llama, 'mergedQ4'],
  ['mistral-base', mistral, 'baseQ4'],
  ['mistral-persona', mistral, 'mergedQ4'],
] as const satisfies readonly [FixtureName, typeof llama | typeof mistral, string][];

describe('the converted fixture', { timeout: 90_000 }, () => {
  const both = cases.flatMap((row) => [[false, ...row] as const, [true, ...row] as const]);
  it.each(both)('answers as PEFT does (batching: %s): %s', async (batching, name, expected, variant) => {
    const { decoder, opened } = await loadInWorker(
      { card: await installFixture(name), rows: 4 },
      { batching, signal: new AbortController().signal, onProgress: () => undefined },
    );
    for (const { system, turns } of expected.conversations) {
      const messages: Message[] = system === null ? [] : [{ role: 'system', content: system }];
      for (const { question, prompt, answer, text } of turns[variant]) {
        messages.push({ role: 'user', content: question });
        const sampling = { temperature: 0, topP: 1, maxTokens: 64, stop: [] };
        const given = await decoder.generate({ messages: [...messages], sampling, seed: 1 });
        expect(given.text).toBe(text);
        if (!batching) expect(opened.pipeline.outputIds).toEqual(answer.slice(0, -1));
        expect(given).toMatchObject({
          promptTokens: prompt.length,
          tokens: answer.length - 1,
          finish: 'stop',
        });
        messages.push({ role: 'assistant', content: given.text });
      }
    }
  });
});
