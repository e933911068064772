import { describe, expect, it } from 'vitest';
import { JudgeError, JudgeRefusedError, LockedError } from './errors.ts';
import { type Budget, type JudgingOptions, judgeRun } from './judging.ts';
import { judgingOf } from './planJudging.ts';
import { moneyOf, worstCase } from './estimate.ts';
import { hashOf } from './ids.ts';
import type { Judge, JudgeReply } from './ports/judge.ts';
import { checkRubric } from './rubric.ts';
import { readVerdicts } from './storedRecords.ts';
import { exampleRollouts } from './testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from './testing/exampleRun.ts';
import { MemoryStore } from './testing/memoryStore.ts';
import { verdictKey, verdictSchema } from './verdict.ts';

const run = exampleRun({
  temperatures: [0],
  prompts: ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => examplePrompt(id)),
});
const rollouts = exampleRollouts(run);
const clock = { now: () => Date.UTC(2026, 10, 24) };
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
const good = '{"reason":"It says so.","claimsAi":true}';

type Reply = (call: number) => string | Error;

function judgeOf(reply: Reply, concurrency = 1) {
  const counts = { calls: 0 };
  const judge: Judge = {
    spec: { kind: 'openai', baseUrl: 'http://127.0.0.1:9/v1', model: 'j', temperature: 0, maxTokens: 50 },
    concurrency,
    async score(): Promise<JudgeReply> {
      const raw = reply(++counts.calls);
      if (raw instanceof Error) throw raw;
      return { raw, inputTokens: 100, outputTokens: 10, notes: [] };
    },
  };
  return { judge, counts };
}

async function storeWith(): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.put('runs', [[run.id, run]]);
  await store.put(
    'rollouts',
    rollouts.map((rollout) => [rollout.key, rollout] as const),
  );
  return store;
}

async function judgeWith(store: MemoryStore, judge: Judge, more: Partial<JudgingOptions> = {}) {
  const outcome = await judgeRun(run, { store, clock, judge, rubric, ...more });
  const [stored] = await store.get('runs', [run.id]);
  const verdicts = stored
    ? await readVerdicts(
        store,
        stored,
        rollouts.map(({ key }) => key),
      )
    : [];
  return { outcome, verdicts, stored };
}

/** A call of 100 + 10 tokens costs 1; the worst one, of at most 400 output tokens, far more. */
const budgetOf = (limit: number): Budget => ({
  limit,
  spent: 0,
  prices: { inputPerMillion: 1e4, outputPerMillion: 0 },
  maxTokens: 400,
});

describe('judgeRun', () => {
  it('stores a verdict for each answer, notes the judging in the run, and never pays twice', async () => {
    const store = await storeWith();
    const { judge, counts } = judgeOf(() => good, 3);
    const { outcome, verdicts, stored } = await judgeWith(store, judge);
    expect(outcome).toEqual({ state: 'complete', counts: { total: 6, scored: 6, failed: 0, spent: null } });
    expect(verdicts[0]).toMatchObject({
      status: 'scored',
      scores: { claimsAi: true },
      reason: 'It says so.',
      raw: good,
    });
    expect(stored?.judgings).toEqual([judgingOf(judge, rubric)]);
    await judgeWith(store, judge);
    expect(counts.calls).toBe(6);
  });

  it.each([
    ['prose', 'I would say yes.'],
    ['another schema', '{"score": 7}'],
    ['an HTML page', '<html><body>502 Bad gateway</body></html>'],
    ['a wrong type', '{"reason":"","claimsAi":"yes"}'],
  ])('keeps %s as a failed verdict with the raw reply, never as a number', async (_, raw) => {
    const store = await storeWith();
    const { outcome, verdicts } = await judgeWith(store, judgeOf((call) => (call === 2 ? raw : good)).judge);
    expect(outcome.counts).toMatchObject({ scored: 5, failed: 1 });
    const failed = verdicts.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ raw, error: expect.any(String) }]);
    expect(failed[0]).not.toHaveProperty('scores');
  });

  it('retries the failed ones alone', async () => {
    const store = await storeWith();
    await judgeWith(store, judgeOf((call) => (call < 3 ? 'no' : good)).judge);
    const { judge, counts } = judgeOf(() => good);
    expect((await judgeWith(store, judge)).outcome.counts).toMatchObject({ scored: 4, failed: 2 });
    expect(counts.calls).toBe(0);
    const { outcome, verdicts } = await judgeWith(store, judge, { retryFailed: true });
    expect(outcome.counts).toMatchObject({ scored: 6, failed: 0 });
    expect(counts.calls).toBe(2);
    expect(verdicts.every(({ status }) => status === 'scored')).toBe(true);
  });

  it('stops at once when the judge refuses for good', async () => {
    const { judge, counts } = judgeOf(() => new JudgeRefusedError('The key is wrong.'));
    const { outcome, verdicts } = await judgeWith(await storeWith(), judge);
    expect(outcome).toMatchObject({ state: 'broken', error: 'The key is wrong.' });
    expect(counts.calls).toBe(1);
    expect(verdicts).toEqual([]);
  });

  it('stops after five errors in a row', async () => {
    const { judge, counts } = judgeOf(() => new JudgeError('No answer within 60 s.'));
    const { outcome } = await judgeWith(await storeWith(), judge);
    expect(outcome).toMatchObject({
      state: 'broken',
      error: expect.stringContaining('No answer within 60 s.'),
    });
    expect(counts.calls).toBe(5);
  });

  it('never spends more than the limit, even with calls in flight', async () => {
    const { judge, counts } = judgeOf(() => good, 4);
    const { outcome } = await judgeWith(await storeWith(), judge, { budget: budgetOf(12) });
    expect(outcome.state).toBe('budget');
    expect(counts.calls).toBeGreaterThan(0);
    expect(counts.calls).toBeLessThan(6);
    expect(outcome.counts.spent).toBe(counts.calls);
  });

  it('counts tries that got no answer in time at the worst, and says so', async () => {
    const { judge: inner } = judgeOf(() => good);
    const judge: Judge = {
      ...inner,
      score: (request, options) => {
        options?.onLostTry?.();
        options?.onLostTry?.();
        return inner.score(request, options);
      },
    };
    const budget = budgetOf(1_000);
    const { outcome, verdicts } = await judgeWith(await storeWith(), judge, { budget });
    const worst = rollouts.reduce((sum, { text }) => {
      const request = { rubric, prompt: examplePrompt('a'), answer: text };
      return sum + moneyOf(worstCase(request, budget.maxTokens), budget.prices);
    }, 0);
    expect(outcome.counts.spent).toBeCloseTo(6 + 2 * worst, 0);
    expect(verdicts[0]).toMatchObject({
      lostTries: 2,
      notes: [expect.stringMatching(/^2 tries got no answer/)],
    });
    expect(verdictSchema.safeParse(verdicts[0]).error).toBeUndefined();
  });

  it('ends a call whose next try could pass the budget', async () => {
    const { judge: inner } = judgeOf(() => good);
    let tries = 0;
    const judge: Judge = {
      ...inner,
      async score(_, { signal, onLostTry } = {}) {
        for (;;) {
          signal?.throwIfAborted();
          tries += 1;
          onLostTry?.();
        }
      },
    };
    const { outcome, verdicts } = await judgeWith(await storeWith(), judge, { budget: budgetOf(20) });
    expect(outcome.state).toBe('budget');
    expect(outcome.counts.spent).toBeLessThanOrEqual(20);
    expect(verdicts[0]).toMatchObject({
      status: 'failed',
      lostTries: tries,
      error: expect.stringContaining('another try could pass the budget'),
    });
  });

  it('waits for a network before each call', async () => {
    const { judge, counts } = judgeOf(() => good);
    let wentOnline = (): void => undefined;
    const online = new Promise<void>((resolve) => (wentOnline = resolve));
    const judged = judgeWith(await storeWith(), judge, { untilOnline: () => online });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(counts.calls).toBe(0);
    wentOnline();
    expect((await judged).outcome.state).toBe('complete');
  });

  it('keeps what was judged when it is stopped', async () => {
    const stop = new AbortController();
    const store = await storeWith();
    const { judge } = judgeOf((call) => {
      if (call === 3) stop.abort(new DOMException('stopped', 'AbortError'));
      return good;
    });
    const { outcome, verdicts } = await judgeWith(store, judge, { signal: stop.signal });
    expect(outcome.state).toBe('stopped');
    expect(verdicts).toHaveLength(3);
  });

  it('is refused while another tab judges the run', async () => {
    const store = await storeWith();
    await store.lock(`judging:${run.id}`);
    await expect(judgeWith(store, judgeOf(() => good).judge)).rejects.toThrow(LockedError);
  });

  it('scores a random share again, the same for each repeat, and never one of them twice', async () => {
    const store = await storeWith();
    const { judge, counts } = judgeOf((call) => (call % 2 ? good : good.replace('true', 'false')));
    let known = (await judgeWith(store, judge)).stored ?? run;
    const again = async (nth: number, share = 0.5) => {
      const repeat = { nth, share };
      const outcome = await judgeRun(known, { store, clock, judge, rubric, repeat });
      [known = run] = await store.get('runs', [run.id]);
      const keys = rollouts.map(({ key }) => key);
      return { outcome, verdicts: await readVerdicts(store, known, keys) };
    };
    const second = await again(2);
    expect(second.outcome).toMatchObject({ state: 'complete', counts: { total: 3, scored: 3 } });
    const { verdicts } = await again(3);
    expect(counts.calls).toBe(12);
    expect(known.judgings.map(({ repeat }) => repeat)).toEqual([undefined, 2, 3]);
    const keysOf = (nth?: number) =>
      verdicts.filter(({ repeat }) => repeat === nth).map(({ rolloutKey }) => rolloutKey);
    expect(keysOf()).toHaveLength(6);
    expect(keysOf(2)).toEqual(keysOf(3));
    expect(new Set(verdicts.map(({ key }) => key)).size).toBe(12);
    await again(3);
    expect(counts.calls).toBe(12);
    const more = await again(2, 1);
    expect(more.outcome.counts.total).toBe(6);
    // The longer draw holds the shorter one.
    expect(counts.calls).toBe(15);
  });

  it('keeps the keys of verdicts as they were before there were repeats', () => {
    const { judge } = judgeOf(() => good);
    const { repeat, ...first } = { ...judgingOf(judge, rubric), repeat: undefined };
    expect(verdictKey('a'.repeat(64), { ...first, repeat })).toBe(
      hashOf({ v: 1, rolloutKey: 'a'.repeat(64), rubric: 'claims', rubricVersion: 1, judge: judge.spec }),
    );
  });
});
