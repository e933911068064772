import { describe, expect, it } from 'vitest';
import type { Judging } from '../core/run.ts';
import { servedModel } from '../core/testing/exampleRun.ts';
import type { Estimate } from './estimate.ts';
import { directionOf, formatCoefficient, formatDifference, formatEstimate } from './formatEstimate.ts';
import type { Measure } from './measures.ts';
import { reportText } from './reportText.ts';
import type { RowKey } from './rowKey.ts';
import type { RowCounts } from './summarise.ts';

const counts: RowCounts = {
  prompts: 60,
  answers: 240,
  failed: 0,
  missing: 0,
  scored: 240,
  failedVerdicts: 0,
  unjudged: 0,
};
const key: RowKey = {
  model: 'mini-base',
  suite: 'identity',
  category: 'direct',
  group: null,
  temperature: null,
};
const read = () => null;
const claims: Measure = {
  type: 'rate',
  id: 'stance/claims-ai',
  label: 'Claims to be an AI',
  signal: 'stance',
  read,
};
const rules: Judging = { rubric: 'rough-identity', rubricVersion: 1, judge: { kind: 'rules', version: 1 } };

function interval(value: number, low: number, high: number, more: { missing?: number } = {}): Estimate {
  const sizes = { n: 240, clusters: 60, missing: 0, ...more };
  return { kind: 'interval', value, low, high, level: 0.95, method: 'wilson', ...sizes };
}

function sentences(
  measure: Measure,
  estimate: Estimate,
  more: { key?: Partial<RowKey>; counts?: Partial<RowCounts>; judging?: Judging } = {},
): string[] {
  const row = {
    key: { ...key, ...more.key },
    counts: { ...counts, ...more.counts },
    measures: [{ measure, estimate }],
    tokens: interval(40, 30, 50),
  };
  return reportText(row, { run: { models: [servedModel('mini-base')] }, judging: more.judging ?? rules });
}

describe('reportText', () => {
  it('says a rate with its interval, its counts and its judge', () => {
    expect(sentences(claims, interval(0.708, 0.603, 0.796))).toEqual([
      'mini-base claims to be an AI in 71 % of answers to direct prompts (95 % interval 60–80 %, 240 answers to 60 prompts; rough, rules).',
    ]);
  });

  it('says a mean on its scale', () => {
    const range = { min: 1, max: 5 };
    const position: Measure = {
      type: 'mean',
      id: 'position',
      label: 'Position',
      signal: 'position',
      range,
      read,
    };
    const spec = {
      kind: 'openai',
      baseUrl: 'http://h/v1',
      model: 'judge-x',
      temperature: 0,
      maxTokens: 300,
    } as const;
    const judging: Judging = { rubric: 'politics', rubricVersion: 1, judge: spec };
    const shown = { key: { category: null, suite: 'politics', temperature: 0.8 }, judging };
    expect(sentences(position, interval(3.42, 3.1, 3.74, { missing: 12 }), shown)).toEqual([
      'mini-base: “Position” is 3.4 on average in answers to prompts of the politics suite at temperature 0.8, on a scale from 1 to 5 (95 % interval 3.1–3.7, 240 answers to 60 prompts, 12 without this score; judged by judge-x).',
    ]);
  });

  it('says a reward in per cent, and quotes what it has no verb for', () => {
    const range = { min: 0, max: 1 };
    const reward: Measure = {
      type: 'mean',
      id: 'reward',
      label: 'Composite reward',
      signal: null,
      range,
      read,
    };
    expect(sentences(reward, interval(0.62, 0.57, 0.67))[0]).toContain(
      '“Composite reward” is 62 % on average in answers',
    );
    const own: Measure = { type: 'rate', id: 'mine', label: 'Mentions a cat', signal: 'mine', read };
    const shown = { key: { group: 'framing-human' } };
    expect(sentences(own, interval(0.62, 0.57, 0.67), shown)[0]).toMatch(
      /^mini-base: “Mentions a cat” in 62 % of answers to direct prompts of the group framing-human \(/,
    );
  });

  it('says why there is no interval', () => {
    const one: Estimate = { kind: 'point', value: 0.25, reason: 'one-prompt', n: 4, clusters: 1, missing: 0 };
    expect(sentences(claims, one)).toEqual([
      'mini-base claims to be an AI in 25 % of answers to direct prompts (no interval: one prompt says nothing of others, 4 answers to 1 prompt; rough, rules).',
    ]);
    const flat: Estimate = { ...one, reason: 'no-spread', n: 1, clusters: 1 };
    expect(sentences(claims, flat)[0]).toContain(
      '(no interval: the prompts do not differ, 1 answer to 1 prompt; ',
    );
  });

  it('says that there is nothing, and what is left out, instead of 0', () => {
    const none: Estimate = { kind: 'none', reason: 'no-answers', n: 0, clusters: 0, missing: 0 };
    const gaps = { missing: 2, failed: 1, unjudged: 3, failedVerdicts: 1 };
    expect(sentences(claims, none, { counts: gaps })).toEqual([
      'mini-base: no “Claims to be an AI” yet for answers to direct prompts.',
      'mini-base, answers to direct prompts: 2 answers not collected yet, 1 answer failed, 3 answers not judged, 1 verdict failed.',
    ]);
  });
});

describe('formatEstimate', () => {
  it.each([
    [interval(0.708, 0.603, 0.796), '71 %', '60–80 %'],
    [interval(0.9412, 0.935, 0.947), '94.1 %', '93.5–94.7 %'],
    [interval(0.004, 0.0001, 0.03), 'under 1 %', '0–3 %'],
    [interval(0.0004, 0.0001, 0.002), 'under 0.1 %', '0–0.2 %'],
    [interval(0.997, 0.97, 0.9999), 'over 99 %', '97–100 %'],
    [interval(0.9998, 0.995, 0.99999), 'over 99.9 %', '99.5–100.0 %'],
    [interval(0, 0, 0.09), '0 %', '0–9 %'],
    [interval(1, 0.91, 1), '100 %', '91–100 %'],
  ])('shows rates: %#', (estimate, value, range) => {
    expect(formatEstimate(estimate, 'percent')).toEqual({ value, interval: range });
  });

  it.each([
    [interval(43.27, 38.1, 48.4), '43', '38–48'],
    [interval(3.42, 3.1, 3.74), '3.4', '3.1–3.7'],
    [interval(-0.01, -0.4, 0.38), '0', '-0.4–0.4'],
  ])('shows means: %#', (estimate, value, range) => {
    expect(formatEstimate(estimate, 'plain')).toEqual({ value, interval: range });
  });

  it.each([
    [interval(0.12, 0.03, 0.21), 'percent', '+12 points', '+3 to +21'],
    [interval(-0.6, -0.71, -0.5), 'percent', '-60 points', '-71 to -50'],
    [interval(-14.6, -21.2, 8.4), 'plain', '-15', '-21 to +8'],
    [interval(0.42, -1.7, 2.2), 'plain', '+0.4', '-1.7 to +2.2'],
  ] as const)('shows differences: %#', (estimate, unit, value, range) => {
    expect(formatDifference(estimate, unit)).toEqual({ value, interval: range });
  });

  it('says which way a difference goes only where its interval leaves 0 out', () => {
    expect(directionOf(interval(0.12, 0.03, 0.21))).toBe('higher');
    expect(directionOf(interval(-0.6, -0.71, -0.5))).toBe('lower');
    expect(directionOf(interval(0.1, -0.1, 0.3))).toBeNull();
  });

  it.each([
    [interval(0.8164, 0.7, 0.9), '0.82', '0.70 to 0.90'],
    [interval(-0.001, -0.2, 0.2), '0.00', '-0.20 to 0.20'],
  ])('shows coefficients: %#', (estimate, value, range) => {
    expect(formatCoefficient(estimate)).toEqual({ value, interval: range });
  });

  it('shows a value without an interval, and a dash for none', () => {
    const point: Estimate = { kind: 'point', value: 3.5, reason: 'no-spread', n: 2, clusters: 2, missing: 0 };
    expect(formatEstimate(point, 'plain')).toEqual({ value: '3.5', interval: null });
    expect(formatEstimate({ ...point, value: 0.335 }, 'percent')).toEqual({ value: '34 %', interval: null });
    const none: Estimate = { kind: 'none', reason: 'no-answers', n: 0, clusters: 0, missing: 3 };
    expect(formatEstimate(none, 'percent')).toEqual({ value: '–', interval: null });
  });
});
