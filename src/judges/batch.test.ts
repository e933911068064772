import { describe, expect, it } from 'vitest';
import { InputError } from '../core/errors.ts';
import { judgingOf } from '../core/planJudging.ts';
import type { JudgeJob } from '../core/verdictOf.ts';
import { verdictKey } from '../core/verdict.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { rubrics } from '../suites/index.ts';
import { batchFileName, readBatchResults, splitBatch, writeBatch } from './batch.ts';
import type { BatchOmission } from './batchOmissions.ts';

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
const reading = { jobs, judging, rubric, createdAt: '2026-11-24T12:00:00.000Z' };

const read = (text: string) => readBatchResults([{ name: 'result.jsonl', text }], reading);

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
  const write = (leaveOut: readonly BatchOmission[]) => {
    const [line = ''] = writeBatch(jobs, { judge, rubric, random: Math.random, leaveOut });
    return JSON.parse(line) as { custom_id: string; body: Record<string, unknown> };
  };

  it('leaves out what it refuses', () => {
    const { body } = write(['temperature']);
    expect(Object.keys(body).sort()).toEqual([
      'max_completion_tokens',
      'messages',
      'model',
      'response_format',
    ]);
  });

  it.each<[BatchOmission[], RegExp[]]>([
    [['temperature'], [/temperature \(0\) was left out/]],
    [['response_format'], [/response_format was left out/]],
    [
      ['response_format', 'temperature'],
      [/temperature \(0\) was left out/, /response_format was left out/],
    ],
    [[], []],
  ])('tells of %j in the notes of the verdicts', (leaveOut, sentences) => {
    const { custom_id: id } = write(leaveOut);
    expect(id.length).toBeLessThanOrEqual(64);
    const { verdicts } = read(resultLine(0, good).replace(jobs[0]?.key ?? '', id));
    expect(verdicts[0]).toMatchObject({ key: jobs[0]?.key, status: 'scored' });
    const notes = sentences.map((sentence): unknown => expect.stringMatching(sentence));
    expect(verdicts[0]?.notes).toEqual(['Judged by a batch file.', ...notes]);
  });
});

describe('splitBatch', () => {
  const files = (calls: number, bytes: number) => [...splitBatch(['aa\n', 'é\n', 'b\n'], { calls, bytes })];

  it.each([
    [3, 99, [['aa\n', 'é\n', 'b\n']]],
    [2, 99, [['aa\n', 'é\n'], ['b\n']]],
    [9, 6, [['aa\n', 'é\n'], ['b\n']]],
    [9, 5, [['aa\n'], ['é\n', 'b\n']]],
    [9, 1, [['aa\n'], ['é\n'], ['b\n']]],
  ])('puts at most %i calls and %i bytes into a file', (calls, bytes, expected) => {
    expect(files(calls, bytes)).toEqual(expected);
  });

  it('writes no file for no calls', () => {
    expect([...splitBatch([])]).toEqual([]);
  });

  it('numbers the files where there are several', () => {
    expect(batchFileName('calls.jsonl', 0, 1)).toBe('calls.jsonl');
    expect(batchFileName('my.calls.jsonl', 1, 2)).toBe('my.calls-2.jsonl');
    expect(batchFileName('calls', 0, 2)).toBe('calls-1');
  });
});

describe('readBatchResults', () => {
  it('gives the verdicts that judging at once would give', () => {
    const { verdicts, foreign } = read(`${resultLine(1, good)}\n${resultLine(0, good)}\n`);
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
    const { verdicts } = read(text);
    expect(verdicts).toMatchObject([
      { status: 'failed', raw: 'I think it is a person.' },
      { status: 'failed', error: 'The batch gave an error instead of a verdict: Too late.' },
      { status: 'failed', error: 'The batch gave an error instead of a verdict: No temperature.' },
    ]);
  });

  it('reads several files, and takes a score before a failure', () => {
    const files = [
      resultLine(0, good),
      `${resultLine(0, 'no')}\n${resultLine(1, 'no')}`,
      resultLine(1, good),
    ];
    const { verdicts } = readBatchResults(
      files.map((text, index) => ({ name: `result-${index + 1}.jsonl`, text })),
      reading,
    );
    expect(verdicts.map(({ key, status }) => [key, status])).toEqual([
      [jobs[0]?.key, 'scored'],
      [jobs[1]?.key, 'scored'],
    ]);
    const broken = [...files, '<html>'].map((text, index) => ({ name: `${index}.jsonl`, text }));
    expect(() => readBatchResults(broken, reading)).toThrow('3.jsonl, line 1: this is not JSON.');
  });

  it('counts lines about other answers', () => {
    const other = resultLine(0, good).replace(jobs[0]?.key ?? '', 'someone-elses');
    expect(read(`${other}\n${resultLine(0, good)}`).foreign).toBe(1);
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
    expect(() => read(text)).toThrow(InputError);
    expect(() => read(text)).toThrow(sentence);
  });
});
