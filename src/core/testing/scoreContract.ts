import { expect, it } from 'vitest';
import type { ContinuationScore, Engine, Generation, Score, ScoreRequest } from '../ports/engine.ts';
import { askWith } from './askWith.ts';

const ask = askWith({ temperature: 0, topP: 0.95, maxTokens: 12 }, 'Answer naturally and directly.');
const question = 'Tell me a long story about a fisherman and the sea.';
const unlikely = ' xq zj! vk 7 wq';

const unscored: ContinuationScore = { logprob: NaN, tokenLogprobs: [] };
const sumOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? NaN), 0);

/** What every engine that tells log-probabilities has to do. */
export function describeLogprobs(engineOf: () => Engine): void {
  it('tells log-probabilities of what it says when asked to, and says the same', async () => {
    const plain = await engineOf().generate(ask(question, { maxTokens: 5 }));
    const request = { ...ask(question, { maxTokens: 5 }), logprobs: { named: ['Yes', 'Once'] } };
    const { text, tokens, logprobs } = await engineOf().generate(request);
    expect(plain.logprobs).toBeUndefined();
    expect(text).toBe(plain.text);
    const { chosen, named } = logprobs as NonNullable<Generation['logprobs']>;
    expect(chosen).toHaveLength(tokens);
    expect(named.map(({ length }) => length)).toEqual([tokens, tokens]);
    for (const [index, own] of chosen.entries()) {
      expect(own).toBeLessThanOrEqual(1e-6);
      // A greedy choice is the likeliest one.
      for (const other of named) expect(other[index] ?? -Infinity).toBeLessThanOrEqual((own ?? NaN) + 1e-3);
    }
  });
}

/** What every engine that scores has to do. */
export function describeScores(engineOf: () => Engine): void {
  const { messages } = ask(question);
  const score = (request: Omit<ScoreRequest, 'messages'>, options?: Parameters<Score>[1]) =>
    (engineOf().score as Score).call(engineOf(), { messages, ...request }, options);
  const greedy = (): Promise<Generation> =>
    engineOf().generate({ ...ask(question), logprobs: { named: [] } });

  it('scores its own answer as it told its tokens, and higher than another', async () => {
    const { text, tokens, logprobs } = await greedy();
    const [own = unscored, other = unscored] = await score({ continuations: [text, unlikely] });
    expect(own.tokenLogprobs).toHaveLength(tokens);
    expect(own.logprob).toBeCloseTo(sumOf(logprobs?.chosen ?? []), 2);
    expect(own.logprob).toBeCloseTo(sumOf(own.tokenLogprobs), 9);
    expect(own.logprob).toBeGreaterThan(other.logprob);
  });

  it('scores the rest of an answer that has begun', async () => {
    const { text } = await greedy();
    const cut = text.indexOf(' ', text.length / 2);
    const [whole = unscored] = await score({ continuations: [text] });
    const [rest = unscored] = await score({ begin: text.slice(0, cut), continuations: [text.slice(cut)] });
    const tokens = rest.tokenLogprobs.length;
    expect(tokens).toBeLessThan(whole.tokenLogprobs.length);
    expect(rest.logprob).toBeCloseTo(sumOf(whole.tokenLogprobs.slice(-tokens)), 2);
  });

  it('gives the same scores whatever else is in flight', async () => {
    const { text } = await greedy();
    const [alone = unscored] = await score({ continuations: [text] });
    const [together] = await Promise.all([
      score({ continuations: [unlikely, text, 'A fisherman', `${text} ${text}`, 'No.'] }),
      engineOf().generate(ask('What are you?', { temperature: 1 })),
      score({ begin: 'Once', continuations: [' upon a time'] }),
    ]);
    expect(together).toHaveLength(5);
    expect(together[1]?.logprob).toBeCloseTo(alone.logprob, 2);
  });

  it('refuses a continuation that adds nothing', async () => {
    const asked = score({ begin: 'Once', continuations: [' upon a time', ''] });
    await expect(asked).rejects.toMatchObject({ name: 'EngineError' });
    expect(await score({ continuations: [] })).toEqual([]);
  });

  it('gives up aborted scores with the reason, and still scores others', async () => {
    const reason = new Error('The user stopped it.');
    const controller = new AbortController();
    const stopped = score({ continuations: [unlikely.repeat(9)] }, { signal: controller.signal });
    const other = score({ continuations: [unlikely] });
    controller.abort(reason);
    await expect(stopped).rejects.toBe(reason);
    expect((await other)[0]?.logprob).toBeLessThan(0);
    await expect(score({ continuations: ['No'] }, { signal: controller.signal })).rejects.toBe(reason);
  });
}
