import { describe, expect, it } from 'vitest';
import { InputError } from '../core/errors.ts';
import { judgingOf } from '../core/judging.ts';
import type { JudgeJob } from '../core/verdictOf.ts';
import { verdictKey } from '../core/verdict.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { rubrics } from '../suites/index.ts';
import { readBatchResult, writeBatch } from './batch.ts';

const rubric = rubrics.find(({ id }) => id === 'identity-constraint') ?? expect.fail('no rubric');
const judge = {
  kind: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  model: 'j',
  temperature: 0,
  maxTokens: 90,
} as const;
const judging = judgingOf({ spec: judge }, rubric);
const run = exampleRun({ temperatures: [0] });
const [prompt] = run.prompts;
const jobs: JudgeJob[] = exampleRollouts(run).map((rollout) => ({
  key: verdictKey(rollout.key, judging),
  rollout,
  prompt: prompt ?? expect.fail('no prompt'),
  stored: undefined,
}));
const lines = [...writeBatch(jobs, { judge, rubric, random: Math.random })];
const reading = { fileName: 'result.jsonl', jobs, judging, rubric, createdAt: '2026-11-24T12:00:00.000Z' };

const resultLine = (index: number, content: string) =>
  JSON.stringify({
    id: 'batch_req_1',
    custom_id: jobs[index]?.key,
    response: {
      status_code: 200,
      request_id: 'r',
      body: {
        choices: [{ message: { role: 'assistant', content } }],
        usage: { prompt_tokens: 9, completion_tokens: 3 },
      },
    },
    error: null,
  });
const good = '{"reason":"Speaks as a person.","coherent":true,"claimsAi":false}';

describe('writeBatch', () => {
  it('has one call a line, named by the key that judging at once would give', () => {
    const first = JSON.parse(lines[0] ?? '') as {
      custom_id: string;
      body: { messages: { content: string }[] };
    };
    expect(lines).toHaveLength(3);
    expect(first).toMatchObject({ custom_id: jobs[0]?.key, method: 'POST', url: '/v1/chat/completions' });
    expect(first.body).toMatchObject({ model: 'j', temperature: 0, max_completion_tokens: 90 });
    expect(first.body.messages[1]?.content).toContain(jobs[0]?.rollout.text);
  });
});

describe('writeBatch for a reasoning model', () => {
  it('leaves out what it refuses', () => {
    const [line = ''] = writeBatch(jobs, { judge, rubric, random: Math.random, leaveOut: ['temperature'] });
    const { body } = JSON.parse(line) as { body: Record<string, unknown> };
    expect(Object.keys(body).sort()).toEqual([
      'max_completion_tokens',
      'messages',
      'model',
      'response_format',
    ]);
  });
});

describe('readBatchResult', () => {
  it('gives the verdicts that judging at once would give', () => {
    const { verdicts, foreign } = readBatchResult(
      `${resultLine(1, good)}\n${resultLine(0, good)}\n`,
      reading,
    );
    expect(foreign).toBe(0);
    expect(verdicts.map(({ key }) => key)).toEqual([jobs[1]?.key, jobs[0]?.key]);
    expect(verdicts[0]).toMatchObject({
      status: 'scored',
      scores: { coherent: true, claimsAi: false },
      inputTokens: 9,
    });
  });

  it('keeps what cannot be read, and errors, as failed verdicts', () => {
    const refused = {
      custom_id: jobs[1]?.key,
      response: null,
      error: { code: 'expired', message: 'Too late.' },
    };
    const badRequest = {
      custom_id: jobs[2]?.key,
      response: { status_code: 400, body: { error: { message: 'No temperature.' } } },
      error: null,
    };
    const errors = [refused, badRequest].map((line) => JSON.stringify(line));
    const text = [resultLine(0, 'I think it is a person.'), ...errors].join('\n');
    const { verdicts } = readBatchResult(text, reading);
    expect(verdicts).toMatchObject([
      { status: 'failed', raw: 'I think it is a person.' },
      { status: 'failed', error: 'The batch gave an error instead of a verdict: Too late.' },
      { status: 'failed', error: 'The batch gave an error instead of a verdict: No temperature.' },
    ]);
  });

  it('counts lines about other answers', () => {
    const other = resultLine(0, good).replace(jobs[0]?.key ?? '', 'someone-elses');
    expect(readBatchResult(`${other}\n${resultLine(0, good)}`, reading).foreign).toBe(1);
  });

  it.each([
    ['<html>', 'result.jsonl, line 1: this is not JSON.'],
    [
      `${resultLine(0, good)}\n${resultLine(1, good).slice(0, 50)}`,
      'result.jsonl, line 2: this is not JSON.',
    ],
    ['{"custom_id": 7}', 'result.jsonl, line 1: this is not a batch result, "custom_id" is wrong.'],
    ['', 'result.jsonl has no verdicts on this run'],
    [lines[0] ?? '', 'result.jsonl, line 1: this line holds a call or nothing, not a result.'],
  ])('refuses %j by line', (text, sentence) => {
    expect(() => readBatchResult(text, reading)).toThrow(InputError);
    expect(() => readBatchResult(text, reading)).toThrow(sentence);
  });
});
