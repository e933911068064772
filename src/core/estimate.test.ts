import { describe, expect, it } from 'vitest';
import { estimateJudging, moneyOf, spentOn, worstCase } from './estimate.ts';
import { exampleRollouts, exampleVerdict, rulesJudging } from './testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from './testing/exampleRun.ts';
import { checkRubric } from './rubric.ts';

const rubric = checkRubric({
  id: 'claims',
  version: 1,
  title: 'Claims',
  fits: ['identity'],
  instructions: 'Read the answer.',
  signals: [
    { id: 'claimsAi', label: 'Claims to be an AI', type: 'flag', question: 'Does it claim to be an AI?' },
  ],
});
const requestOf = (answer: string) => ({ rubric, prompt: examplePrompt('you'), answer });
const key = 'a'.repeat(64);

describe('estimateJudging', () => {
  it('reckons from the texts while nothing was measured', () => {
    const short = estimateJudging([requestOf('I am.')], { maxTokens: 400 });
    const long = estimateJudging([requestOf('I am. '.repeat(100))], { maxTokens: 400 });
    expect(short).toMatchObject({ calls: 1, basis: 'characters' });
    expect(long.likely.inputTokens - short.likely.inputTokens).toBeCloseTo(595 / 4, -1);
    expect(long.high.inputTokens).toBeGreaterThan(long.likely.inputTokens);
    expect(long.high.outputTokens).toBe(400);
  });

  it('reckons from what the judge used before, where that is known', () => {
    const known = Array.from({ length: 10 }, () =>
      exampleVerdict(key, undefined, { inputTokens: 700, outputTokens: 30 }),
    );
    const estimate = estimateJudging([requestOf('a'), requestOf('b')], { maxTokens: 400, known });
    expect(estimate).toMatchObject({ basis: 'verdicts', likely: { inputTokens: 1400, outputTokens: 60 } });
  });

  it('does not take a server that counts nothing for a free one', () => {
    const known = Array.from({ length: 20 }, () => exampleVerdict(key, undefined, { inputTokens: null }));
    expect(estimateJudging([requestOf('a')], { maxTokens: 400, known }).basis).toBe('characters');
  });

  it('costs nothing where there is nothing to do', () => {
    const none = { inputTokens: 0, outputTokens: 0 };
    expect(estimateJudging([], { maxTokens: 400 })).toMatchObject({ calls: 0, likely: none, high: none });
  });
});

describe('money', () => {
  it('is counted per million tokens', () => {
    const prices = { inputPerMillion: 0.25, outputPerMillion: 2 };
    expect(moneyOf({ inputTokens: 2_000_000, outputTokens: 500_000 }, prices)).toBe(1.5);
  });

  it('is bounded for a text in any script', () => {
    const { inputTokens } = worstCase(requestOf('你是谁'.repeat(100)), 10);
    expect(inputTokens).toBeGreaterThan(450);
  });

  it('was spent on what is stored: as counted, at the worst where it was not, nothing without a reply', () => {
    const prices = { inputPerMillion: 1000, outputPerMillion: 2000 };
    const prompt = examplePrompt('you');
    const [rollout] = exampleRollouts(exampleRun());
    if (!rollout) throw new Error('The example run has no answers.');
    const jobOf = (stored?: Parameters<typeof exampleVerdict>[2]) => ({
      ...{ key, rollout, prompt },
      stored: stored && exampleVerdict(rollout.key, rulesJudging, stored),
    });
    const spent = (...jobs: ReturnType<typeof jobOf>[]) => spentOn(jobs, { rubric, prices, maxTokens: 10 });
    expect(spent(jobOf(), jobOf({ inputTokens: 400, outputTokens: 40 }))).toBeCloseTo(0.48);
    const worst = moneyOf(worstCase(requestOf(rollout.text), 10), prices);
    expect(spent(jobOf({ inputTokens: null, outputTokens: null }))).toBeCloseTo(worst);
    expect(spent(jobOf({ inputTokens: null, outputTokens: null, raw: '' }))).toBe(0);
    expect(spent(jobOf({ inputTokens: 400, outputTokens: 40, lostTries: 2 }))).toBeCloseTo(0.48 + 2 * worst);
  });
});
