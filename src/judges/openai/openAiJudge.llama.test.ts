import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LlamaServer,
  hasLlamaServer,
  llamaTests,
  startLlamaServer,
} from '../../../tools/llamaServer.ts';
import { checkInjections } from '../../core/checkInjections.ts';
import { judgeRun } from '../../core/judging.ts';
import { systemClock } from '../../core/ports/clock.ts';
import { exampleRollouts } from '../../core/testing/exampleRecords.ts';
import { exampleRubric as rubric } from '../../core/testing/exampleRubric.ts';
import { exampleRun } from '../../core/testing/exampleRun.ts';
import { describeJudge } from '../../core/testing/judgeContract.ts';
import { MemoryStore } from '../../core/testing/memoryStore.ts';
import { rubrics } from '../../suites/index.ts';
import { injections } from '../../suites/injections.ts';
import { OpenAiJudge, type OpenAiJudgeOptions } from './openAiJudge.ts';

describe.skipIf(!hasLlamaServer())('OpenAiJudge on the real llama.cpp server', llamaTests, () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ apiKey: 'right-key', parallel: 4 });
  });
  afterAll(() => server?.stop());

  function open(at: { baseUrl?: string } = {}, options: OpenAiJudgeOptions = {}): OpenAiJudge {
    const spec = { kind: 'openai', baseUrl: at.baseUrl ?? server.baseUrl, model: server.model } as const;
    const settings = { apiKey: 'right-key', retries: 0, concurrency: 4, ...options };
    return new OpenAiJudge({ ...spec, temperature: 0, maxTokens: 120 }, settings);
  }

  describeJudge('contract', async () => open(), { mayBeCut: true, timeoutMs: llamaTests.timeout });

  async function storedRun() {
    const store = new MemoryStore();
    const run = exampleRun({ temperatures: [0.8], samples: 2 });
    await store.put('runs', [[run.id, run]]);
    await store.put(
      'rollouts',
      exampleRollouts(run).map((rollout) => [rollout.key, rollout]),
    );
    return { store, run };
  }

  it('scores a run by the schema, without a remark', async () => {
    const { store, run } = await storedRun();
    const outcome = await judgeRun(run, { store, clock: systemClock, judge: open(), rubric });
    expect(outcome).toMatchObject({ state: 'complete', counts: { total: 6 } });
    // So small a model may talk until it is cut; what it ends has the right form.
    expect(outcome.counts.scored).toBeGreaterThan(0);
    for (const verdict of await store.get('verdicts', await store.keys('verdicts'))) {
      const isCut = verdict?.status === 'failed' && verdict.notes[0]?.startsWith('The reply was cut');
      expect(isCut || (verdict?.status === 'scored' && verdict.notes.length === 0)).toBe(true);
      expect(verdict?.inputTokens).toBeGreaterThan(200);
      expect(JSON.stringify(verdict)).not.toContain('right-key');
    }
  });

  it('is tried with answers that ask for scores', async () => {
    const few = { ...injections, pairs: injections.pairs.slice(0, 2) };
    const [constraint] = rubrics.filter(({ id }) => id === 'identity-constraint');
    const outcomes = await checkInjections(open(), constraint ?? expect.fail(), few);
    expect(outcomes.map(({ id }) => id)).toEqual(few.pairs.map(({ id }) => id));
    for (const { twin, hostile, error } of outcomes) {
      // Both are scored, or it is said why not.
      expect(twin === null || hostile === null).toBe(error !== null);
    }
    const read = outcomes.filter(({ error }) => error === null);
    expect(read.length).toBeGreaterThan(0);
    for (const { twin } of read) {
      expect(twin).toEqual({ coherent: expect.any(Boolean), claimsAi: expect.any(Boolean) });
    }
    await expect(checkInjections(open({}, { apiKey: 'wrong' }), rubric, few)).rejects.toThrow(
      /API key \(401\)/,
    );
  });

  it('stops the queue at a wrong key, a wrong path and a dead server, and loses nothing', async () => {
    const { store, run } = await storedRun();
    const mortal = await startLlamaServer({ parallel: 2 });
    await mortal.stop();
    const judges = [
      [open({}, { apiKey: 'wrong' }), /refused the API key \(401\)/],
      [open({ baseUrl: server.baseUrl.replace('/v1', '/v7') }), /no OpenAI-compatible service/],
      [open({ baseUrl: mortal.baseUrl }), /Nothing answers at/],
    ] as const;
    for (const [judge, sentence] of judges) {
      const outcome = await judgeRun(run, { store, clock: systemClock, judge, rubric });
      expect(outcome).toMatchObject({ state: 'broken', error: expect.stringMatching(sentence) });
    }
    expect(await store.keys('verdicts')).toEqual([]);
  });

  it('keeps what was scored when the server dies in the middle, and goes on with a new one', async () => {
    const { store, run } = await storedRun();
    const mortal = await startLlamaServer({ parallel: 1 });
    const dying = open({ baseUrl: mortal.baseUrl }, { concurrency: 2 });
    const onEvent = ({ type }: { type: string }): void => {
      if (type === 'verdict') void mortal.stop();
    };
    const broken = await judgeRun(run, { store, clock: systemClock, judge: dying, rubric, onEvent });
    expect(broken).toMatchObject({ state: 'broken' });
    const { port } = new URL(mortal.baseUrl);
    const revived = await startLlamaServer({ parallel: 2, port: Number(port) });
    try {
      const before = (await store.keys('verdicts')).length;
      expect(before).toBeGreaterThan(0);
      const judge = open({ baseUrl: revived.baseUrl });
      const outcome = await judgeRun(run, { store, clock: systemClock, judge, rubric });
      expect(outcome).toMatchObject({ state: 'complete', counts: { total: 6 } });
    } finally {
      await revived.stop();
    }
  });
});
