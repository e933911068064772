import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashOf } from './ids.ts';
import type { JudgeSpec } from './judgeSpec.ts';
import { isSameJudging } from './verdict.ts';

const few = fc.constantFrom('a', 'b');
const judge: fc.Arbitrary<JudgeSpec> = fc.oneof(
  fc.record({
    kind: fc.constant('openai' as const),
    baseUrl: few,
    model: few,
    temperature: fc.constantFrom(0, 1),
    maxTokens: fc.constantFrom(1, 2),
  }),
  fc.record({ kind: fc.constant('rules' as const), version: fc.constantFrom(1, 2) }),
  fc.record({ kind: fc.constant('human' as const), name: few }),
);
const judging = fc.record(
  { rubric: few, rubricVersion: fc.constantFrom(1, 2), judge, repeat: fc.constantFrom(2, 3) },
  { requiredKeys: ['rubric', 'rubricVersion', 'judge'] },
);

it('takes two judgings for the same where all that makes their verdicts’ keys is the same', () => {
  fc.assert(
    fc.property(judging, judging, (a, b) => {
      expect(isSameJudging(a, b)).toBe(hashOf(a) === hashOf(b));
      expect(isSameJudging(a, { ...a, judge: { ...a.judge } })).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
