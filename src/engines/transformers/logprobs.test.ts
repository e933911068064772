import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import catalogue from '../../../models/catalogue.json' with { type: 'json' };
import reference from '../../../models/smollm2-135m/logprobs.json' with { type: 'json' };
import { parseCatalogue, type TransformersCard } from '../../core/model.ts';
import { askWith } from '../../core/testing/askWith.ts';
import { NodeEngine } from './nodeEngine.ts';

const card = parseCatalogue(catalogue).find(({ id }) => id === 'mini-base') as TransformersCard;
const engine = new NodeEngine(card, { modelsFolder: 'public/models' });
const ask = askWith({ temperature: 0, topP: 1, maxTokens: 16 }, reference.system);

function largestDifference(found: readonly (number | null)[], expected: readonly number[]): number {
  if (found.length !== expected.length) return NaN;
  return Math.max(...expected.map((value, index) => Math.abs(value - (found[index] ?? NaN))));
}

describe('log-probabilities of the embedded model', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    await engine.load();
  }, 60_000);
  afterAll(() => engine.dispose());

  it.each(reference.scores)(
    'are those of the float64 reference: $question $begin',
    async ({ question, begin, continuations }) => {
      const { messages } = ask(question);
      const texts = continuations.map(({ text }) => text);
      const scores = await engine.score({ messages, begin, continuations: texts });
      for (const [index, { logprobs }] of continuations.entries()) {
        expect(largestDifference(scores[index]?.tokenLogprobs ?? [], logprobs)).toBeLessThan(1e-3);
      }
    },
  );

  it('are the same while an answer is drawn, of its own tokens and of named ones', async () => {
    const [{ question, continuations }] = reference.scores as [(typeof reference.scores)[0]];
    const [first] = continuations as [(typeof continuations)[0]];
    const { named } = reference;
    const { text, logprobs } = await engine.generate({
      ...ask(question, { maxTokens: first.logprobs.length }),
      logprobs: { named },
    });
    // The greedy answer is the reference's first text, by which it was forced.
    expect(text).toBe(first.text);
    expect(largestDifference(logprobs?.chosen ?? [], first.logprobs)).toBeLessThan(1e-3);
    for (const [index, expected] of first.named.entries()) {
      expect(largestDifference(logprobs?.named[index] ?? [], expected)).toBeLessThan(1e-3);
    }
  });

  it('tell of the model itself, not of temperature, nucleus and penalty', async () => {
    const sampling = { temperature: 1.5, topP: 0.8, repetitionPenalty: 1.5 };
    const { text, logprobs } = await engine.generate({
      ...ask('Are you a person?', sampling, 5),
      logprobs: { named: [] },
    });
    const { messages } = ask('Are you a person?');
    const [score] = await engine.score({ messages, continuations: [text] });
    expect(largestDifference(logprobs?.chosen ?? [], score?.tokenLogprobs ?? [])).toBeLessThan(1e-3);
  });

  it('are not told of an adapter that the model does not have', async () => {
    const asked = { messages: ask('Hi').messages, continuations: ['No'], adapters: [{ id: 'x', scale: 0 }] };
    await expect(engine.score(asked)).rejects.toThrow('no adapter "x"');
  });
});
