import { afterEach, describe, expect, it } from 'vitest';
import { exampleRubric } from '../../core/testing/exampleRubric.ts';
import { examplePrompt } from '../../core/testing/exampleRun.ts';
import { describeJudge } from '../../core/testing/judgeContract.ts';
import { writeReply } from '../../core/testing/scriptedJudge.ts';
import {
  type ScriptedReply,
  type ScriptedServer,
  type SeenRequest,
  breakOff,
  completion,
  hang,
  refusal,
  startScriptedServer,
} from '../../protocols/openai/nodeScriptedServer.ts';
import { OpenAiJudge, type OpenAiJudgeOptions } from './openAiJudge.ts';
import type { OpenAiJudgeSpec } from './judgeBody.ts';

type Reply = ScriptedReply | typeof hang | typeof breakOff;

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

const request = { rubric: exampleRubric, prompt: examplePrompt('you'), answer: 'I am a park ranger.' };
const good = completion(writeReply('valid', request));

function specAt(baseUrl: string): OpenAiJudgeSpec {
  return { kind: 'openai', baseUrl, model: 'judge', temperature: 0, maxTokens: 200 };
}

async function open(
  script: (request: SeenRequest, call: number) => Reply,
  options: OpenAiJudgeOptions = {},
): Promise<OpenAiJudge> {
  server = await startScriptedServer(script);
  return new OpenAiJudge(specAt(server.baseUrl), { retries: 0, apiKey: 'secret-key', ...options });
}

const bodies = () => server!.requests.map(({ body }) => body);

describe('OpenAiJudge', () => {
  it('asks for a schema at temperature 0, behind a fence of its own each time', async () => {
    const judge = await open(() => good);
    const reply = await judge.score(request);
    await judge.score(request);
    expect(reply).toEqual({
      raw: writeReply('valid', request),
      inputTokens: 100,
      outputTokens: 20,
      notes: [],
    });
    const [first, second] = bodies();
    expect(first).toMatchObject({
      model: 'judge',
      temperature: 0,
      max_tokens: 200,
      response_format: {
        type: 'json_schema',
        json_schema: {
          strict: true,
          schema: { required: ['reason', 'aiSelfReference', 'refuses', 'voice'] },
        },
      },
    });
    expect(first).not.toHaveProperty('stream');
    const fences = [first, second].map((body) => /<answer-(\w+)>/.exec(JSON.stringify(body))?.[1]);
    expect(fences[0]).toMatch(/^\w{16}$/);
    expect(fences[0]).not.toBe(fences[1]);
  });

  it('does without what a reasoning model refuses, once, and says so', async () => {
    const judge = await open(({ body }) => {
      if ('max_tokens' in body)
        return refusal(400, "Use 'max_completion_tokens' instead.", { param: 'max_tokens' });
      if ('temperature' in body)
        return refusal(400, 'Only the default (1) is supported.', { param: 'temperature' });
      return good;
    });
    const { notes } = await judge.score(request);
    expect(await judge.score(request)).toMatchObject({ notes });
    expect(notes).toEqual([
      "The server refused the parameter temperature (0), so it was left out: the server's own default was used.",
    ]);
    expect(bodies()).toHaveLength(4);
    expect(bodies().at(-1)).toMatchObject({ max_completion_tokens: 200 });
  });

  it('falls back from a schema to JSON, and from JSON to the instructions', async () => {
    const judge = await open(({ body }) =>
      'response_format' in body ? refusal(400, 'This response_format type is unavailable now') : good,
    );
    const { notes } = await judge.score(request);
    const formats = bodies().map(
      ({ response_format: format }) => (format as { type?: string } | undefined)?.type,
    );
    expect(formats).toEqual(['json_schema', 'json_object', undefined]);
    expect(notes).toHaveLength(2);
  });

  it('waits as the server asks, and tries again', async () => {
    const replies: readonly Reply[] = [
      { ...refusal(429, 'Slow down.'), headers: { 'Retry-After-Ms': '5' } },
      { status: 502, body: '<html>Bad gateway</html>', headers: { 'Retry-After-Ms': '5' } },
    ];
    const judge = await open((_, call) => replies[call - 1] ?? good, { retries: 2 });
    expect((await judge.score(request)).raw).toBe(writeReply('valid', request));
    expect(bodies()).toHaveLength(3);
  });

  it.each([
    ['prose', completion('About eighty, I would say.'), 'About eighty, I would say.', []],
    ['an empty reply', completion(null), '', []],
    ['a refusal', completion(null, { message: { content: null, refusal: 'I cannot.' } }), 'I cannot.', []],
    [
      'a reply that was cut',
      completion('{"reason": "Sp', { finish_reason: 'length' }),
      '{"reason": "Sp',
      ['The reply was cut at the longest that was allowed.'],
    ],
  ])('passes %s on, word for word', async (_, reply, raw, notes) => {
    const judge = await open(() => reply);
    expect(await judge.score(request)).toMatchObject({ raw, notes });
  });

  it('takes a server that counts no tokens as it is', async () => {
    const judge = await open(() => ({ body: { choices: [{ message: { content: 'x' } }] } }));
    expect(await judge.score(request)).toMatchObject({ inputTokens: null, outputTokens: null });
  });

  const failures: readonly [string, Reply, string, RegExp][] = [
    [
      'a wrong key',
      refusal(401, 'Incorrect API key: secret-key'),
      'JudgeRefusedError',
      /refused the API key/,
    ],
    ['no credit', refusal(429, 'Quota.', { code: 'insufficient_quota' }), 'JudgeRefusedError', /no credit/],
    ['an unknown model', refusal(404, 'The model `judge` does not exist'), 'JudgeRefusedError', /"judge"/],
    [
      'an unknown model by code',
      refusal(400, 'No.', { code: 'model_not_found' }),
      'JudgeRefusedError',
      /"judge"/,
    ],
    [
      'a wrong path',
      { status: 404, body: { detail: 'Not Found' } },
      'JudgeRefusedError',
      /no OpenAI-compatible/,
    ],
    ['a web page', { body: '<!doctype html><p>Hi</p>' }, 'JudgeRefusedError', /A web page came from/],
    [
      'a web page with 404',
      { status: 404, body: '<html></html>' },
      'JudgeRefusedError',
      /A web page came from/,
    ],
    ['a broken connection', breakOff, 'JudgeRefusedError', /could not be reached/],
    ['too many requests', refusal(429, 'Slow down.'), 'JudgeError', /slow down/],
    ['a failing server', { status: 502, body: '<html>Bad gateway</html>' }, 'JudgeError', /failed \(502\)/],
    ['a refused request', refusal(400, 'Roles must alternate'), 'JudgeError', /Roles must alternate/],
    ['too long an answer', refusal(400, 'maximum context length is 99'), 'JudgeError', /do not fit/],
    ['other data', { body: { error: 'Unexpected endpoint or method.' } }, 'JudgeError', /other than a chat/],
    ['silence', hang, 'JudgeError', /gave no answer/],
  ];
  it.each(failures)('says what happened: %s', async (_, reply, name, sentence) => {
    const judge = await open(() => reply, { timeoutMs: 300 });
    const failure = await judge.score(request).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name, message: expect.stringMatching(sentence) });
    expect(String(failure) + JSON.stringify(failure)).not.toContain('secret-key');
  });

  it('tells of each try that got no answer in time, and of no other', async () => {
    const late: Reply = { ...refusal(429, 'Slow down.'), headers: { 'Retry-After-Ms': '5' } };
    const replies: readonly Reply[] = [hang, late, hang];
    const judge = await open((_, call) => replies[call - 1] ?? good, { retries: 3, timeoutMs: 100 });
    let lost = 0;
    const reply = await judge.score(request, { onLostTry: () => (lost += 1) });
    expect([reply.raw, lost]).toEqual([writeReply('valid', request), 2]);
    const stop = new AbortController();
    const stopped = judge.score(request, { signal: stop.signal, onLostTry: () => (lost += 1) });
    stop.abort(new Error('Stopped by the user.'));
    await expect(stopped).rejects.toThrow('Stopped');
    expect(lost).toBe(2);
  });

  it('says that nothing answers there', async () => {
    const judge = await open(() => good);
    await server!.close();
    await expect(judge.score(request)).rejects.toMatchObject({
      name: 'JudgeRefusedError',
      message: expect.stringContaining('Nothing answers at'),
    });
  });

  it('stops at once, also while it waits for its turn or to try again', async () => {
    const reason = new Error('Stopped by the user.');
    const late = { ...refusal(429, 'Wait.'), headers: { 'Retry-After': '3000' } };
    for (const reply of [hang, late]) {
      const judge = await open(() => reply as Reply, { retries: 3, requestsPerMinute: 1 });
      const controller = new AbortController();
      const { signal } = controller;
      const outcomes = [1, 2].map(() => judge.score(request, { signal }).catch((error: unknown) => error));
      await expect.poll(() => bodies().length).toBe(1);
      controller.abort(reason);
      expect(await Promise.all(outcomes)).toEqual([reason, reason]);
      await server?.close();
    }
  });
});

describe('OpenAiJudge', () => {
  let scripted: ScriptedServer;
  describeJudge('contract', async () => {
    scripted = await startScriptedServer(() => good);
    return new OpenAiJudge(specAt(scripted.baseUrl), { retries: 0 });
  });
});
