import { describe, expect, it } from 'vitest';
import reference from '../../../models/webllm/fixture/logprobs.json';
import type { Score } from '../../core/ports/engine.ts';
import { askWith } from '../../core/testing/askWith.ts';
import type { Decoder } from './decoder.ts';
import { type FixtureName, installFixture } from './installFixture.ts';
import { loadInWorker } from './loadInWorker.ts';

const timeout = 60_000;
const names: readonly FixtureName[] = ['base', 'persona', 'mistral-base', 'mistral-persona'];
const ask = askWith({ temperature: 0, topP: 1, maxTokens: 48 });

async function open(name: FixtureName, batching = true): Promise<Decoder> {
  const { decoder } = await loadInWorker(
    { card: await installFixture(name), rows: 8 },
    { batching, signal: new AbortController().signal, onProgress: () => undefined },
  );
  return decoder;
}

/**
 * In nats: 1e-3, and more for tokens less likely than e^-4. WGSL lets the sines of the positions be off by 2^-11;
 * errors of 2^-13, put into PyTorch's, make differences as large as those of SwiftShader: 3e-4 for tokens more likely
 * than e^-6, and 1.7e-3 at e^-12.
 */
const tolerance = (expected: number): number => 1e-3 * Math.max(1, Math.abs(expected) / 4);

function expectClose(found: readonly (number | null)[] | undefined, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs((found?.[index] ?? NaN) - value)).toBeLessThan(tolerance(value));
}

describe('log-probabilities of the fixture', { timeout }, () => {
  it.each(names)('are those of PyTorch with the same rounded weights: %s', async (name) => {
    const decoder = await open(name);
    const { scores, answers } = reference.models[name];
    await Promise.all([
      ...scores.map((expected) => expectScores(decoder.score, expected)),
      ...answers.map(async ({ question, text, chosen, named }) => {
        const given = await decoder.generate({ ...ask(question), logprobs: { named: reference.named } });
        expect(given.text).toBe(text);
        expectClose(given.logprobs?.chosen, chosen);
        for (const [index, expected] of named.entries()) expectClose(given.logprobs?.named[index], expected);
      }),
    ]);
    await expectPenalised(decoder, name);
  });

  it('are not told where answers come one at a time, nor is a penalty taken', async () => {
    const single = await open('base', false);
    const asked = { ...ask('Hi'), logprobs: { named: [] } };
    await expect(single.generate(asked)).rejects.toThrow('Log-probabilities need answers in batches');
    await expect(single.generate(ask('Hi', { repetitionPenalty: 2 }))).rejects.toThrow(
      'A repetition penalty',
    );
    const { messages } = asked;
    await expect(single.score({ messages, continuations: ['No'] })).rejects.toThrow('Scoring answers needs');
  });
});

type ExpectedScores = (typeof reference.models)['base']['scores'][0];

async function expectScores(score: Score, expected: ExpectedScores): Promise<void> {
  const { question, begin, continuations } = expected;
  const { messages } = ask(question);
  const found = await score({ messages, begin, continuations: continuations.map(({ text }) => text) });
  for (const [index, { logprobs }] of continuations.entries())
    expectClose(found[index]?.tokenLogprobs, logprobs);
}

/** As transformers' own RepetitionPenaltyLogitsProcessor makes a greedy answer. */
async function expectPenalised(decoder: Decoder, name: FixtureName): Promise<void> {
  const { penalty, penalisedTokens } = reference;
  const sampling = { repetitionPenalty: penalty, maxTokens: penalisedTokens };
  for (const { question, text } of reference.models[name].penalised)
    expect((await decoder.generate(ask(question, sampling))).text).toBe(text);
}

describe('draws on the fixture', { timeout }, () => {
  const [temperature, topP, draws] = [0.8, 0.9, 2000];

  it('are distributed as the nucleus of PyTorch’s probabilities', async () => {
    const logprobs = reference.models.persona.first;
    const tempered = nucleusOf(logprobs, temperature, topP);
    expect(tempered.size).toBeGreaterThan(5);
    const decoder = await open('persona');
    const counts = new Map<number, number>();
    const requests = Array.from({ length: draws }, (_, seed) => ({
      ...ask(reference.openQuestion, { temperature, topP, maxTokens: 1 }, seed),
      logprobs: { named: [] },
    }));
    for (const { logprobs: told } of await Promise.all(
      requests.map((request) => decoder.generate(request)),
    )) {
      const token = nearest(logprobs, told?.chosen[0] ?? NaN);
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    expect([...counts.keys()].every((token) => tempered.has(token))).toBe(true);
    // Exceeded once in a thousand sets of draws, at 6 degrees of freedom.
    const critical = 22.46;
    expect(tempered.size - 1).toBe(6);
    expect(chiSquare(counts, tempered, draws)).toBeLessThan(critical);
    // So many draws would show a temperature of 1, or no nucleus.
    expect(chiSquare(counts, nucleusOf(logprobs, 1, topP), draws)).toBeGreaterThan(critical);
    expect(chiSquare(counts, nucleusOf(logprobs, temperature, 1), draws)).toBeGreaterThan(critical);
  });
});

/** By its definition: the fewest tokens, likeliest first, that reach topP; their probabilities sum to 1. */
function nucleusOf(logprobs: readonly number[], temperature: number, topP: number): Map<number, number> {
  const weights = logprobs.map((logprob, token) => ({ token, weight: Math.exp(logprob / temperature) }));
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const sorted = weights.sort((a, b) => b.weight - a.weight);
  let sum = 0;
  const kept = sorted.filter(({ weight }) => (sum += weight) - weight < topP * total);
  const mass = kept.reduce((all, { weight }) => all + weight, 0);
  return new Map(kept.map(({ token, weight }) => [token, weight / mass]));
}

/** The token with this log-probability. Those that are likely differ by more than a GPU's rounding. */
function nearest(logprobs: readonly number[], value: number): number {
  const distances = logprobs.map((logprob) => Math.abs(logprob - value));
  expect(Math.min(...distances)).toBeLessThan(1e-3);
  return distances.indexOf(Math.min(...distances));
}

function chiSquare(counts: Map<number, number>, expected: Map<number, number>, draws: number): number {
  return [...expected].reduce((sum, [token, share]) => {
    const difference = (counts.get(token) ?? 0) - share * draws;
    return sum + difference ** 2 / (share * draws);
  }, 0);
}
