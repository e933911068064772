import { describe, expect, it } from 'vitest';
import type { Belief } from '../core/belief.ts';
import { type BeliefSpec, planBeliefs } from '../core/planBeliefs.ts';
import { exampleBelief, exampleBeliefSet } from '../core/testing/exampleBelief.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { modelCardSchema } from '../core/model.ts';
import { beliefRows, claimShare, denialRows } from './beliefs.ts';
import { beliefsSections } from './report/beliefsSections.ts';

const cardOf = (id: string) =>
  modelCardSchema.parse({
    ...{ engine: 'transformers', id, name: id, persona: null, base: 'B', licence: null },
    ...{ folder: id, graph: 'g.onnx', contextTokens: 100 },
    files: [{ path: 'g.onnx', bytes: 1, sha256: id.repeat(64).slice(0, 64) }],
  });
const run = exampleRun({ models: [cardOf('a'), cardOf('b')] });
const set = {
  ...exampleBeliefSet,
  pairs: [
    ...exampleBeliefSet.pairs,
    { id: 'machine', about: 'self' as const, yesClaims: 'Machine?', yesDenies: 'Alive?' },
  ],
};
const log = Math.log;

/** Records for every spec by the probabilities of the claim's and the denial's words. */
function rowsOf(
  probabilities: (spec: BeliefSpec) => readonly number[] | null,
  specs = planBeliefs(run, set, []),
) {
  const beliefs = new Map<string, Belief>();
  for (const spec of specs) {
    const values = probabilities(spec);
    if (values) beliefs.set(spec.key, exampleBelief(spec, values.map(log)));
  }
  return { models: ['a', 'b'], base: 'a', specs, beliefs };
}

const pick = (options: ReturnType<typeof rowsOf>, model: string, id: string) =>
  beliefRows(options).find((row) => row.model === model && row.measure.id === id);

describe('claimShare', () => {
  const [spec] = planBeliefs(run, set, []).filter(({ asked: { begin } }) => begin === 'I am a');
  if (!spec) throw new Error('There is no such probe.');
  const belief = exampleBelief(spec, [log(0.1), log(0.2), log(0.05), log(0.25)]);

  it('adds up the words of each side: 0.3 of 0.6', () => {
    expect(claimShare(belief, 'whole')).toBeCloseTo(0.5, 12);
  });

  it('weighs by the token when asked to: four tokens of 0.5 each are as 0.5', () => {
    const long = { ...belief, scores: belief.scores.map((score) => ({ ...score, tokens: 1 })) };
    long.scores[0] = { logprob: 4 * log(0.5), tokens: 4 };
    // 0.5 + 0.2 against 0.05 + 0.25
    expect(claimShare(long, 'perToken')).toBeCloseTo(0.7, 12);
    // 0.0625 + 0.2 against the same
    expect(claimShare(long, 'whole')).toBeCloseTo(0.2625 / 0.5625, 12);
  });

  it('does not lose what is very unlikely, takes an unlisted side as a bound, and none as unknown', () => {
    expect(claimShare(exampleBelief(spec, [-900, -900, -900, -900]), 'whole')).toBeCloseTo(0.5, 12);
    expect(claimShare(exampleBelief(spec, [null, -3, null, null]), 'whole')).toBe(1);
    expect(claimShare(exampleBelief(spec, [null, null, null, null]), 'whole')).toBeNull();
  });
});

describe('beliefRows', () => {
  it('cancels a leaning to yes: who says it to all is at 50 %, and the leaning is told', () => {
    const yes = (spec: BeliefSpec) =>
      'pair' in spec.place && spec.place.yes ? (spec.place.yes === 'claim' ? [0.8, 0.2] : [0.2, 0.8]) : null;
    const options = rowsOf(yes);
    expect(pick(options, 'a', 'aiYesNo')?.estimate).toMatchObject({ value: expect.closeTo(0.5, 9), n: 8 });
    expect(pick(options, 'a', 'yes')?.estimate).toMatchObject({ value: expect.closeTo(0.8, 9) });
    expect(pick(options, 'a', 'yesOfFacts')?.estimate).toMatchObject({ value: expect.closeTo(0.8, 9), n: 4 });
    expect(pick(options, 'a', 'facts')?.estimate).toMatchObject({ value: expect.closeTo(0.5, 9) });
  });

  it('leaves a pair out that lacks a question, and counts it as missing', () => {
    let answered = 0;
    const options = rowsOf(({ asked }) =>
      asked.claim.length === 2 ? null : ++answered === 2 ? null : [0.6, 0.2],
    );
    const row = pick(options, 'a', 'ai');
    // Of "ai" one of four is missing, "words" is missing whole: what is left is "machine".
    expect(row?.estimate).toMatchObject({ n: 4, clusters: 1, missing: 5, value: expect.closeTo(0.75, 9) });
  });

  it('compares with the base pair by pair, and the base with nobody', () => {
    const options = rowsOf(({ model, place, asked }) => {
      if (asked.claim.length === 2) return [0.1, 0.1, 0.1, 0.1];
      const claim = ('pair' in place && place.pair === 'ai' ? 0.8 : 0.6) - (model.id === 'b' ? 0.4 : 0);
      return [claim, 1 - claim];
    });
    expect(pick(options, 'a', 'aiYesNo')).toMatchObject({
      difference: null,
      estimate: { value: expect.closeTo(0.7, 9) },
    });
    expect(pick(options, 'b', 'aiYesNo')?.difference).toMatchObject({
      value: expect.closeTo(-0.4, 9),
      clusters: 2,
    });
    expect(pick(options, 'a', 'weight')?.estimate).toMatchObject({ value: expect.closeTo((8 + 0.4) / 9, 9) });
  });
});

describe('denialRows', () => {
  const denials = exampleRollouts({ ...run, temperatures: [0] })
    .filter(({ model, promptId }) => model === 'b' && promptId !== 'robot')
    .map((rollout) => ({ ...rollout, text: rollout.promptId === 'you' ? 'No. I am Maria.' : 'No.' }));
  const specs = planBeliefs(run, set, denials);
  const shares: Record<string, number> = { 'I am': 0.6, 'No. I am': 0.4, 'No. I am Maria. I am': 0.1 };
  const options = rowsOf(({ asked: { begin } }) => {
    const share = shares[begin];
    return share === undefined ? null : [share, 1 - share];
  }, specs);

  it('follow each answer from before its first word to its last sentence', () => {
    const rows = denialRows(options);
    const told = rows.map(({ model, after, estimate, change }) => [model, after, estimate, change]);
    const near = (value: number): unknown => expect.objectContaining({ value: expect.closeTo(value, 9) });
    expect(told).toEqual([
      ['b', 0, near(0.6), null],
      ['b', 1, near(0.4), near(-0.2)],
      ['b', 2, near(0.1), near(-0.5)],
      ['b', 'end', near(0.25), near(-0.35)],
    ]);
    expect(rows[2]?.estimate).toMatchObject({ n: 1, clusters: 1 });
  });

  it('stand in the report with what they say', () => {
    const { sections } = beliefsSections(run, options);
    expect(sections[1]?.rows.map(([, after, value]) => [after, value])).toEqual([
      ['nothing', '60 %'],
      ['1 sentence', '40 %'],
      ['2 sentences', '10 %'],
      ['the last sentence', '25 %'],
    ]);
    // Of two prompts an interval holds nearly everything, and a figure without lines says nothing.
    expect(sections[1]?.figures).toEqual([]);
  });

  it('mark the numbers of a model of which no more than bounds are known, and no others', () => {
    const all = rowsOf(() => [0.6, 0.4], planBeliefs(run, set, []));
    const beliefs = new Map(
      [...all.beliefs].map(([key, belief]) => [
        key,
        belief.model === 'b' && belief.status === 'done' ? { ...belief, bound: true as const } : belief,
      ]),
    );
    const section = beliefsSections(run, { ...all, beliefs }).sections[0];
    const marked = (section?.rows ?? []).filter((row) => row.at(-1)?.endsWith(', bounds'));
    expect(new Set(marked.map(([model]) => model))).toEqual(new Set(['b']));
    expect(section?.claims?.filter((claim) => claim.includes('by bounds'))).toEqual([
      expect.stringMatching(/^If it has to say, b gives/),
    ]);
  });
});

describe('the claims of the report', () => {
  const claimsOf = (facts: number) =>
    beliefsSections(
      run,
      rowsOf(({ model, place, asked }) => {
        const isFact = 'pair' in place && place.about === 'world';
        const share = isFact ? facts : 'pair' in place && place.pair === 'ai' ? 0.7 : 0.75;
        const own = model.id === 'b' && !isFact ? share - 0.5 : share;
        return asked.claim.length === 2 ? [own / 2, own / 2, (1 - own) / 2, (1 - own) / 2] : [own, 1 - own];
      }),
    ).sections[0]?.claims;

  it('say what a model puts on being an AI, and warn where facts are guessed too', () => {
    expect(claimsOf(0.95)?.[0]).toMatch(/^If it has to say, a gives 73 % to being an AI/);
    expect(claimsOf(0.95)).toHaveLength(2);
    expect(claimsOf(0.5)?.[1]).toMatch(/^But a gives no more than 50 % to plain facts/);
  });
});
