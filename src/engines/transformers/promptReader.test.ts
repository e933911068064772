import { resolve } from 'node:path';
import { env } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json' with { type: 'json' };
import { parseCatalogue, type TransformersCard } from '../../core/model.ts';
import { messagesOf } from '../../core/rollout.ts';
import type { ForwardInput, ForwardModel } from './forwardModel.ts';
import { type OpenedModel, openModel } from './openModel.ts';
import { PromptReader } from './promptReader.ts';

const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-persona') as TransformersCard;
let opened: OpenedModel;
let readTokens = 0;

beforeAll(async () => {
  env.allowRemoteModels = false;
  env.localModelPath = `${resolve('public/models')}/`;
  opened = await openModel(card, 'cpu', { intraOpNumThreads: 2 });
  const { model } = opened;
  const forward = model.forward.bind(model);
  model.forward = (input: ForwardInput): ReturnType<ForwardModel['forward']> => {
    readTokens += input.tokens.length;
    return forward(input);
  };
}, 60_000);
afterAll(() => opened.model.dispose());

const startReader = () => new PromptReader(opened.model, { chunk: opened.chunk });
const promptOf = (question: string) =>
  opened.format.encode(messagesOf('Answer naturally and directly.', question));
const prompts = () =>
  ['Are you an AI? Answer yes or no.', 'Are you an AI? Answer no or yes.', 'Are you a person?'].map(promptOf);

async function logitsOf(
  reader: PromptReader,
  tokens: readonly number[],
  scales: readonly number[],
  options?: Parameters<PromptReader['read']>[2],
): Promise<Float32Array> {
  return (await reader.read(tokens, scales, options))?.logits ?? new Float32Array();
}

describe('prompts of rows whose tokens are given', { timeout: 60_000 }, () => {
  it('share what they begin with, and have the logits of prompts that share nothing', async () => {
    const reader = startReader();
    const all = prompts();
    // A prompt that goes on where another ended, as the next point of a denial.
    const longer = [...(all[2] as readonly number[]), ...opened.format.encodeText('I am a person. I am')];
    for (const scales of [[1], [0.5]]) {
      for (const tokens of [...all, longer]) {
        const shared = await logitsOf(reader, tokens, scales, { isGiven: true });
        const alone = await logitsOf(startReader(), tokens, scales);
        expect(alone.length).toBeGreaterThan(40_000);
        const difference = Math.max(...shared.map((value, at) => Math.abs(value - (alone[at] ?? NaN))));
        expect(difference).toBeLessThan(1e-3);
      }
    }
  });

  it('read only what is new', async () => {
    const reader = startReader();
    const [first = [], second = []] = prompts();
    await reader.read(first, [1], { isGiven: true });
    const own = second.length - second.findIndex((token, at) => token !== first[at]);
    expect(own).toBeLessThan(second.length / 2);
    const before = readTokens;
    await reader.read(second, [1], { isGiven: true });
    expect(readTokens - before).toBe(own);
    await reader.read(second, [0.5], { isGiven: true });
    expect(readTokens - before).toBe(own + second.length);
  });

  it('leave the logits from which an answer is drawn as they were, to the bit', async () => {
    const tokens = promptOf(`${'Tell me of the sea. '.repeat(9)}Are you an AI?`);
    const alone = await logitsOf(startReader(), tokens, [1]);
    const reader = startReader();
    for (const given of [...prompts(), tokens.slice(0, -3), tokens])
      await reader.read(given, [1], { isGiven: true });
    expect(await logitsOf(reader, tokens, [1])).toEqual(alone);
  });
});
