import { afterEach, describe, expect, it } from 'vitest';
import type { OpenAiCard } from '../../core/model.ts';
import type { GenerationRequest } from '../../core/ports/engine.ts';
import { servedModel } from '../../core/testing/exampleRun.ts';
import {
  type ScriptedReply,
  type ScriptedServer,
  type SeenRequest,
  breakOff,
  hang,
  piece,
  refusal,
  startScriptedServer,
} from '../../protocols/openai/nodeScriptedServer.ts';
import { OpenAiEngine, type OpenAiEngineOptions } from './openAiEngine.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

type Script = (request: SeenRequest, call: number) => ScriptedReply | typeof hang | typeof breakOff;
type Reply = ReturnType<Script>;

const models = { body: { object: 'list', data: [{ id: 'maria', owned_by: 'vllm', max_model_len: 2048 }] } };
const whole: ScriptedReply = {
  events: [
    { id: 'x', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
    piece('I am '),
    piece('Maria.'),
    piece('', 'stop'),
    { id: 'x', choices: [], usage: { prompt_tokens: 31, completion_tokens: 5, total_tokens: 36 } },
    '[DONE]',
  ],
};

/** An engine on a server that lists "maria" and answers chats by the script. */
async function open(
  script: (request: SeenRequest, call: number) => Reply,
  options: OpenAiEngineOptions = {},
  card: Partial<OpenAiCard> = {},
): Promise<OpenAiEngine> {
  server = await startScriptedServer((request, call) =>
    request.path === '/v1/models' ? models : script(request, call),
  );
  const own = { ...servedModel('maria'), baseUrl: server.baseUrl, ...card };
  return new OpenAiEngine(own, { retries: 0, ...options });
}

function ask(change: Partial<GenerationRequest['sampling']> = {}, seed = 1): GenerationRequest {
  return {
    messages: [{ role: 'user', content: 'What are you?' }],
    sampling: { temperature: 0.8, topP: 0.9, maxTokens: 50, stop: [], ...change },
    seed,
  };
}

const bodies = () => server!.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);

describe('OpenAiEngine: loading', () => {
  it('finds the model in the list, and its context', async () => {
    const engine = await open(() => whole);
    expect(await engine.load()).toMatchObject({
      kind: 'openai',
      device: server!.baseUrl,
      concurrency: 2,
      contextTokens: 2048,
      notes: [],
    });
    await engine.load();
    expect(server!.requests).toHaveLength(1);
  });

  it('refuses a model that the server does not list, and names those it has', async () => {
    const engine = await open(() => whole, {}, { model: 'emily' });
    await expect(engine.load()).rejects.toMatchObject({
      name: 'EngineError',
      message: `The server at ${server!.baseUrl} does not serve "emily". It serves maria.`,
    });
  });

  const lists: readonly [string, ScriptedReply, string | null, string][] = [
    ['an Ollama tag', { body: { data: [{ id: 'maria:latest' }] } }, null, ''],
    [
      'llama.cpp under another name',
      { body: { data: [{ id: 'a.gguf', owned_by: 'llamacpp' }] } },
      null,
      'a.gguf',
    ],
    ['no list', { status: 404, body: { detail: 'Not Found' } }, null, 'lists no models'],
    ['an empty list', { body: { data: [] } }, null, 'lists no models'],
    ['a web page', { body: '<!doctype html><h1>Welcome</h1>' }, 'A web page came from', ''],
    ['a web page with 404', { status: 404, body: '<html>no</html>' }, 'A web page came from', ''],
    ['a wrong key', refusal(401, 'Incorrect API key provided: secret-key'), 'refused the API key (401)', ''],
    ['a failure', { status: 500, body: 'oops' }, 'failed (500). Try again later. Its words: "oops".', ''],
  ];
  it.each(lists)('meets %s', async (_, reply, error, note) => {
    server = await startScriptedServer(() => reply);
    const card = { ...servedModel('maria'), baseUrl: server.baseUrl };
    const engine = new OpenAiEngine(card, { retries: 0, apiKey: 'secret-key' });
    const outcome = engine.load().then(
      ({ notes }) => notes.join(' '),
      (reason: Error) => `${reason.name}: ${reason.message}`,
    );
    expect(await outcome).toContain(error ?? note);
    expect(await outcome).not.toContain('secret-key');
    expect((await outcome).startsWith('EngineError')).toBe(error !== null);
  });

  it('says that nothing answers, and can load later', async () => {
    server = await startScriptedServer(() => models);
    const { baseUrl } = server;
    await server.close();
    const engine = new OpenAiEngine({ ...servedModel('maria'), baseUrl }, { retries: 0 });
    await expect(engine.load()).rejects.toThrow(`Nothing answers at ${baseUrl}: the connection was refused.`);
    await expect(engine.generate(ask())).rejects.toMatchObject({ name: 'EngineError' });
  });
});

describe('OpenAiEngine: asking', () => {
  it('sends what determines the answer, and reads it with the counts', async () => {
    const engine = await open(() => whole, { apiKey: 'secret-key' });
    const shown: string[] = [];
    const answer = await engine.generate(ask({ stop: ['###'] }, 4_294_967_295), {
      onText: (text) => shown.push(text),
    });
    expect(answer).toMatchObject({
      text: 'I am Maria.',
      finish: 'stop',
      promptTokens: 31,
      tokens: 5,
      notes: [],
    });
    expect(answer.tokenTimesMs).toHaveLength(2);
    expect(answer.tokenEnds).toEqual([5, 11]);
    expect(shown).toEqual(['I am ', 'I am Maria.']);
    expect(bodies()).toEqual([
      {
        model: 'maria',
        messages: [{ role: 'user', content: 'What are you?' }],
        temperature: 0.8,
        top_p: 0.9,
        max_tokens: 50,
        stop: ['###'],
        seed: 2_147_483_647,
        stream: true,
        stream_options: { include_usage: true },
      },
    ]);
    const { headers } = server!.requests[0]!;
    expect(headers.authorization).toBe('Bearer secret-key');
    expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual([]);
  });

  it('reads log-probabilities, and knows none of what the server does not list', async () => {
    const told = (token: string, logprob: number, top: Record<string, number>) => {
      const top_logprobs = Object.entries(top).map(([other, value]) => ({ token: other, logprob: value }));
      const logprobs = { content: [{ token, logprob, top_logprobs }] };
      return { id: 'x', choices: [{ index: 0, delta: { content: token }, finish_reason: null, logprobs }] };
    };
    const events = [
      told('Yes', -0.1, { Yes: -0.1, No: -2.5 }),
      told('.', -9999, { Yes: -4 }),
      piece('', 'stop'),
    ];
    const engine = await open(() => ({ events }));
    const asked = { ...ask({ repetitionPenalty: 1.2 }), logprobs: { named: ['No', 'Yes'] } };
    const answer = await engine.generate(asked);
    expect(bodies()[0]).toMatchObject({
      ...{ logprobs: true, top_logprobs: 20 },
      ...{ repetition_penalty: 1.2, repeat_penalty: 1.2, repeat_last_n: 32_768 },
    });
    expect(answer.logprobs).toEqual({
      chosen: [-0.1, null],
      named: [
        [-2.5, null],
        [-0.1, -4],
      ],
    });
  });

  it('says that no log-probabilities came', async () => {
    const engine = await open(({ body }) =>
      'top_logprobs' in body ? refusal(400, "'top_logprobs' is not supported") : whole,
    );
    const answer = await engine.generate({ ...ask(), logprobs: { named: ['No'] } });
    expect(answer.logprobs).toBeUndefined();
    expect(answer.notes).toEqual([
      'The server refused the parameter top_logprobs (20), so it was left out: it tells log-probabilities of its own words only.',
      'The server told no log-probabilities, although it was asked for them.',
    ]);
  });

  it('sends no key where none was given, also when the environment has one', async () => {
    process.env.OPENAI_API_KEY = 'from-the-environment';
    process.env.OPENAI_ORG_ID = 'an-organisation';
    try {
      const engine = await open(() => whole);
      await engine.generate(ask());
    } finally {
      delete process.env.OPENAI_API_KEY;
      delete process.env.OPENAI_ORG_ID;
    }
    expect(JSON.stringify(server!.requests[0]!.headers)).not.toMatch(
      /authorization|environment|organisation/,
    );
  });

  it('leaves refused parameters out, remembers them, and says so with each answer', async () => {
    const refused: Record<string, ScriptedReply> = {
      max_tokens: refusal(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        { param: 'max_tokens', code: 'unsupported_parameter' },
      ),
      temperature: refusal(
        400,
        "Unsupported value: 'temperature' does not support 0.8 with this model. Only the default (1) value is supported.",
        { param: 'temperature', code: 'unsupported_value' },
      ),
      seed: {
        status: 422,
        body: { detail: [{ loc: ['body', 'seed'], msg: 'Extra inputs are not permitted' }] },
      },
      stream_options: refusal(400, 'Unknown parameter: stream_options'),
    };
    const engine = await open(({ body }) => {
      const name = Object.keys(refused).find((parameter) => parameter in body);
      return (
        (name === undefined ? undefined : refused[name]) ?? { events: [piece('I'), piece(' am.', 'stop')] }
      );
    });
    const first = await engine.generate(ask());
    expect(bodies()).toHaveLength(5);
    expect(bodies().at(-1)).toMatchObject({ top_p: 0.9, max_completion_tokens: 50 });
    const again = await engine.generate(ask());
    expect(bodies()).toHaveLength(6);
    expect(again.notes).toEqual(first.notes);
    expect(first.notes).toEqual([
      "The server refused the parameter temperature (0.8), so it was left out: the server's own default was used.",
      'The server refused the parameter seed (1), so it was left out: the same request may give another text.',
      'The server sent no token counts: the pieces of the stream were counted, and the prompt was estimated.',
    ]);
    expect(first).toMatchObject({ text: 'I am.', tokens: 2, promptTokens: 4 });
  });

  it('learns once for all that are in flight together', async () => {
    const engine = await open(({ body }) =>
      'seed' in body ? refusal(400, "'seed' is not supported") : { events: [piece('Yes.', 'stop')] },
    );
    const answers = await Promise.all([1, 2, 3, 4].map((seed) => engine.generate(ask({}, seed))));
    expect(answers.map(({ text }) => text)).toEqual(['Yes.', 'Yes.', 'Yes.', 'Yes.']);
    expect(bodies()).toHaveLength(8);
  });

  it('cuts at a stop text that the server lets through, and shows none of it', async () => {
    const events = [piece('One. #'), piece('## Two.'), piece(' Three.', 'length')];
    const engine = await open(() => ({ events }));
    const shown: string[] = [];
    const answer = await engine.generate(ask({ stop: ['###'] }), { onText: (text) => shown.push(text) });
    expect(answer).toMatchObject({ text: 'One. ', finish: 'stop', tokenEnds: [5, 5] });
    expect(shown).toEqual(['One. ']);
  });

  it('waits as the server asks, and tries again after a failure', async () => {
    const replies: readonly Reply[] = [
      { ...refusal(429, 'Slow down.'), headers: { 'Retry-After-Ms': '5' } },
      { status: 503, body: 'busy', headers: { 'Retry-After-Ms': '5' } },
      breakOff,
      whole,
    ];
    const engine = await open((_, call) => replies[call - 1] ?? whole, { retries: 3 });
    expect((await engine.generate(ask())).text).toBe('I am Maria.');
    expect(bodies()).toHaveLength(4);
  });

  const failures: readonly [string, Reply, RegExp][] = [
    [
      'a key that was taken away',
      refusal(403, 'Not for secret-key.'),
      /refused the API key \(403\).*Not for \(key\)/,
    ],
    ['no credit', refusal(429, 'You exceeded your quota.', { code: 'insufficient_quota' }), /no credit left/],
    [
      'an unknown model',
      refusal(404, 'The model `maria` does not exist.'),
      /does not know the model "maria"/,
    ],
    [
      'a wrong path',
      { status: 404, body: { detail: 'Not Found' } },
      /no OpenAI-compatible service at .*\(404\)/,
    ],
    ['a page', { status: 403, body: '<html>Login</html>' }, /refused the API key|A web page/],
    [
      'too long a text',
      refusal(400, "This model's maximum context length is 2048 tokens."),
      /do not fit into the context/,
    ],
    [
      'a refusal',
      refusal(400, 'Conversation roles must alternate'),
      /refused the request \(400\).*roles must alternate/,
    ],
    ['too many requests', refusal(429, 'Slow down.'), /still asks to slow down/],
    [
      'an error in the stream',
      { events: [piece('I'), { error: { message: 'out of memory' } }] },
      /out of memory/,
    ],
    ['an end in the middle', { events: [piece('I am')] }, /ended in the middle of an answer/],
    ['a broken connection', { events: [piece('I am'), breakOff] }, /broke in the middle of an answer/],
  ];
  it.each(failures)('says what happened: %s', async (_, reply, sentence) => {
    const engine = await open(() => reply, { apiKey: 'secret-key' });
    const failure = await engine.generate(ask()).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'EngineError', message: expect.stringMatching(sentence) });
    expect((failure as Error).message).not.toContain('secret-key');
  });

  it('gives up on silence, before the answer and in the middle of it', async () => {
    const engine = await open((_, call) => (call === 1 ? hang : { events: [piece('I am'), hang] }), {
      timeoutMs: 60,
    });
    await expect(engine.generate(ask())).rejects.toThrow('gave no answer within 0 s');
    await expect(engine.generate(ask())).rejects.toThrow('gave no answer within 0 s');
  });

  it('stops at once when aborted: before the answer, in it, and while it waits to try again', async () => {
    const reason = new Error('Stopped by the user.');
    const late = { ...refusal(429, 'Wait.'), headers: { 'Retry-After': '3000' } };
    const replies: readonly Reply[] = [hang, { events: [piece('I am'), hang] }, late];
    for (const reply of replies) {
      const engine = await open(() => reply, { retries: 2 });
      const controller = new AbortController();
      const options = { signal: controller.signal, onText: () => controller.abort(reason) };
      const outcome = engine.generate(ask(), options).catch((error: unknown) => error);
      await expect.poll(() => bodies().length).toBe(1);
      controller.abort(reason);
      expect(await outcome).toBe(reason);
      await server?.close();
    }
  });

  it('refuses live adapters, which only the embedded engine has', async () => {
    const engine = await open(() => whole);
    await expect(engine.generate({ ...ask(), adapters: [{ id: 'a', scale: 1 }] })).rejects.toThrow(
      'no live adapters',
    );
  });
});
