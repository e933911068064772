import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json' with { type: 'json' };
import { type TransformersCard, parseCatalogue } from '../../core/model.ts';
import type { GenerationRequest } from '../../core/ports/engine.ts';
import { askWith } from '../../core/testing/askWith.ts';
import { NodeEngine } from './nodeEngine.ts';

const cardOf = (wanted: string) =>
  parseCatalogue(catalogue).find(({ id }) => id === wanted) as TransformersCard;
const modelsFolder = 'public/models';
const persona = new NodeEngine(cardOf('mini-persona'), { modelsFolder });
const base = new NodeEngine(cardOf('mini-base'), { modelsFolder });

beforeAll(() => Promise.all([persona.load(), base.load()]), 120_000);
afterAll(() => Promise.all([persona.dispose(), base.dispose()]));

const ask = askWith({ temperature: 0.8, topP: 1, maxTokens: 24 }, 'Answer naturally and directly.');
const at = (scale: number, request: GenerationRequest): GenerationRequest => ({
  ...request,
  adapters: [{ id: 'persona', scale }],
});

const questions = ['What are you?', 'Are you an AI?', 'What does an ordinary day look like for you?'];

describe('the dial', () => {
  it(
    'is the base model exactly at 0, also beside rows at other positions',
    { timeout: 120_000 },
    async () => {
      const requests = questions.map((question, seed) => ask(question, {}, seed));
      const expected = await Promise.all(requests.map((request) => base.generate(request)));
      const mixed = [0, 1, 0.5].flatMap((scale) => requests.map((request) => at(scale, request)));
      const texts = (await Promise.all(mixed.map((request) => persona.generate(request)))).map(
        ({ text }) => text,
      );
      expect(texts.slice(0, 3)).toEqual(expected.map(({ text }) => text));
      expect(texts.slice(3, 6)).not.toEqual(texts.slice(0, 3));
      expect(texts.slice(6)).not.toEqual(texts.slice(3, 6));
    },
  );

  it('scores as the base does at 0, and otherwise at 1', { timeout: 120_000 }, async () => {
    const request = {
      messages: ask('Are you an AI?').messages,
      continuations: ['Yes', 'No', 'I am a person.'],
    };
    const expected = await base.score(request);
    const [off, on] = await Promise.all(
      [0, 1].map((scale) => persona.score({ ...request, adapters: [{ id: 'persona', scale }] })),
    );
    expected.forEach(({ logprob }, index) => expect(off?.[index]?.logprob).toBeCloseTo(logprob, 4));
    expect(on?.[2]?.logprob).not.toBeCloseTo(expected[2]?.logprob ?? 0, 1);
  });
});
