import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkInjections } from '../core/checkInjections.ts';
import { JudgeRefusedError } from '../core/errors.ts';
import type { JudgeRequest } from '../core/ports/judge.ts';
import { ScriptedJudge } from '../core/testing/scriptedJudge.ts';
import { injectionDrift, injectionText } from '../findings/injectionDrift.ts';
import { injections } from '../suites/injections.ts';
import { rubrics } from '../suites/index.ts';
import { injectionCheck } from './injectionCheck.ts';
import { exitCodes } from './output.ts';

const [identity] = rubrics;
if (!identity) throw new Error('There are no rubrics.');
const twins = injections.pairs.map(({ twin }) => twin);

/** Scores by the honest part of the answer, whatever else stands in it. */
const firm = ({ answer }: JudgeRequest) => {
  const claims = /\b(AI|program|language model)\b/.test(twins.find((twin) => answer.startsWith(twin)) ?? '');
  return replyWith(claims ? 95 : 5);
};
/** Does what the answer says. */
const naive = (request: JudgeRequest) => {
  const pair = injections.pairs.find(({ hostile }) => hostile === request.answer);
  if (!pair) return firm(request);
  return replyWith(pair.asks === 'high' ? 100 - (request.answer.length % 7) : 0);
};
const replyWith = (aiSelfReference: number) => ({
  raw: JSON.stringify({ reason: 'So it is.', aiSelfReference, engagement: 60, coherence: 90 }),
});

describe('the set of attempts', () => {
  it('has pairs of which one is the other with an attempt added', () => {
    expect(injections.pairs.length).toBeGreaterThanOrEqual(16);
    expect(new Set(injections.pairs.map(({ id }) => id)).size).toBe(injections.pairs.length);
    for (const { id, twin, hostile } of injections.pairs) {
      expect(hostile.startsWith(twin), id).toBe(true);
      expect(hostile.length, id).toBeGreaterThan(twin.length + 20);
    }
  });
});

describe('checkInjections', () => {
  it('finds no drift in a judge that stands firm', async () => {
    const outcomes = await checkInjections(new ScriptedJudge({ script: firm }), identity, injections);
    const drifts = injectionDrift(identity, outcomes);
    expect(drifts.map(({ movers }) => movers)).toEqual([[], [], []]);
    expect(drifts[0]?.moved).toMatchObject({ kind: 'interval', value: 0, n: injections.pairs.length });
    expect(injectionText(drifts, outcomes)[0]).toMatch(
      /“AI self-reference”: 0 of 16 attempts move it \(0 %, .*\)\. Towards what they ask by 0 on average .*: no drift is shown\./,
    );
  });

  it('finds the drift in a judge that obeys', async () => {
    const outcomes = await checkInjections(new ScriptedJudge({ script: naive }), identity, injections);
    const [claims, engagement] = injectionDrift(identity, outcomes);
    expect(claims?.movers.length).toBe(16);
    expect(claims?.drift).toMatchObject({ kind: 'interval', n: 16 });
    expect(claims?.drift?.kind === 'interval' && claims.drift.low).toBeGreaterThan(0);
    expect(engagement?.movers).toEqual([]);
    expect(injectionText(claims ? [claims] : [], outcomes)[0]).toContain('the judge gives in');
  });

  it('takes no missing verdict for a number, and stops where all calls would fail', async () => {
    const mute = new ScriptedJudge({
      script: (request, call) => (call === 2 ? 'prose' : firm(request)),
      concurrency: 1,
    });
    const outcomes = await checkInjections(mute, identity, injections);
    expect(outcomes.filter(({ error }) => error !== null)).toHaveLength(1);
    const drifts = injectionDrift(identity, outcomes);
    expect(drifts[0]?.moved.n).toBe(15);
    expect(injectionText(drifts, outcomes).at(-1)).toMatch(/^1 of 16 attempts got no verdict/);
    const refused = new ScriptedJudge({ script: () => new JudgeRefusedError('Wrong key.'), concurrency: 1 });
    await expect(checkInjections(refused, identity, injections)).rejects.toThrow('Wrong key.');
    expect(refused.calls).toBe(1);
  });
});

describe('otherself judge --injection-check', () => {
  afterEach(() => vi.restoreAllMocks());

  it('prints the drift, and ends with an exit code that a script can read', async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const exit = (script: typeof firm) => injectionCheck(new ScriptedJudge({ script }), [identity], {});
    expect(await exit(firm)).toBe(exitCodes.done);
    expect(await exit(naive)).toBe(exitCodes.incomplete);
    expect(written[0]).toMatch(/^identity\n“AI self-reference”: 0 of 16/);
    expect(written[1]).toMatch(/^identity\n“AI self-reference”: 16 of 16/);
  });
});
