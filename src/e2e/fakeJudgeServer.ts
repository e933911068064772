import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the fake answers one request. `good` takes the scores that the request's schema asks for, in mid-range. */
export type JudgeFault =
  | 'good'
  | 'prose'
  | 'wrong schema'
  | 'out of range'
  | 'html error page'
  | 'wrong key'
  | 'too many requests'
  | 'server error'
  | 'no cors'
  | 'slow'
  | 'hang up';

/** How high a judge scores what it is asked, from 0 to 1: the place on each score's scale; a flag is true from 0.5. */
export type JudgeMind = (question: string) => number;

export interface FakeJudgeServer {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  /** What was asked, as parsed JSON, in the order of arrival. */
  readonly requests: readonly JudgeCall[];
  /** The next requests meet these faults or are scored so, one each; after them, the last one for ever. */
  script(...faults: readonly (JudgeFault | JudgeMind)[]): void;
  close(): Promise<void>;
}

export interface JudgeCall {
  readonly authorization: string | undefined;
  readonly body: JudgeBody;
}

interface JudgeBody {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly json_schema?: { readonly schema?: ReplySchema } };
}

interface ReplySchema {
  readonly properties?: Readonly<Record<string, SchemaField>>;
}

interface SchemaField {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

type Headers = Readonly<Record<string, string>>;

const middle = 0.5;
/** Ten times the end of a scale that begins at 0. */
const tooHigh = 10;
/** Long enough for a test to see that something waits, short enough not to wait for it. */
const slowMs = 1500;
/** What an OpenAI client library sends in a preflight. */
const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*, Authorization',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Expose-Headers': 'Retry-After',
};

/** Spares a test the pauses between tries. */
const atOnce = { 'Retry-After': '0' };

const errorPage = '<!doctype html><title>502</title><h1>Bad gateway</h1>';

/** An OpenAI-compatible server that judges as told, so that a test can meet every fault on purpose. */
export async function startFakeJudgeServer(...faults: readonly JudgeFault[]): Promise<FakeJudgeServer> {
  const requests: JudgeCall[] = [];
  let script: (JudgeFault | JudgeMind)[] = [...faults];
  const nextFault = () => (script.length > 1 ? script.shift() : script[0]) ?? 'good';
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method === 'OPTIONS') {
        // A preflight is no request of its own: the fault that the next request will meet decides.
        response.writeHead(204, script[0] === 'no cors' ? {} : cors).end();
        return;
      }
      const body = JSON.parse((await readBody(request)) || '{}') as JudgeBody;
      requests.push({ authorization: request.headers.authorization, body });
      const next = nextFault();
      if (typeof next !== 'function') return answers[next](response, body);
      reply(response, body, scores(body, next(body.messages.at(-1)?.content ?? '')));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    script: (...next) => (script = [...next]),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

type Answer = (response: ServerResponse, body: JudgeBody) => void | Promise<void>;

const answers: Readonly<Record<JudgeFault, Answer>> = {
  good: (response, body) => reply(response, body, scores(body, middle)),
  prose: (response, body) =>
    reply(response, body, 'I would say this answer is quite human, about eighty percent.'),
  'wrong schema': (response, body) =>
    reply(response, body, JSON.stringify({ verdict: 'human', confidence: 0.8 })),
  'out of range': (response, body) => reply(response, body, scores(body, tooHigh)),
  'html error page': (response) =>
    send(response, 502, errorPage, { ...cors, ...atOnce, 'Content-Type': 'text/html' }),
  'wrong key': (response) => fail(response, 401, 'Incorrect API key provided.'),
  'too many requests': (response) => fail(response, 429, 'Rate limit reached.', atOnce),
  'server error': (response) => fail(response, 500, 'The server had an error.'),
  'no cors': (response, body) => reply(response, body, scores(body, middle), {}),
  slow: async (response, body) => {
    await new Promise((resolve) => setTimeout(resolve, slowMs));
    reply(response, body, scores(body, middle));
  },
  'hang up': (response) => void response.destroy(),
};

function reply(
  response: ServerResponse,
  { model, stream = false }: JudgeBody,
  content: string,
  headers: Headers = cors,
): void {
  if (!stream) return send(response, 200, completion(model, content), headers);
  // Who collects answers asks for a stream; judging does not.
  const type = { 'Content-Type': 'text/event-stream' };
  send(response, 200, `data: ${chunk(model, content)}\n\ndata: [DONE]\n\n`, { ...headers, ...type });
}

function fail(response: ServerResponse, status: number, message: string, headers: Headers = {}): void {
  send(response, status, JSON.stringify({ error: { message } }), { ...cors, ...headers });
}

function send(response: ServerResponse, status: number, body: string, headers: Headers): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
}

function scores(body: JudgeBody, share: number): string {
  const fields = Object.entries(body.response_format?.json_schema?.schema?.properties ?? {});
  return JSON.stringify(Object.fromEntries(fields.map(([name, field]) => [name, valueOf(field, share)])));
}

function valueOf({ type, enum: options, minimum = 0, maximum = 100 }: SchemaField, share: number): unknown {
  if (options) return options[0];
  const types = [type].flat();
  if (types.includes('boolean')) return share >= middle;
  if (types.includes('number') || types.includes('integer')) {
    return Math.round(minimum + share * (maximum - minimum));
  }
  // Words that an answer may lack, as a name.
  if (types.includes('null')) return 'Maria';
  return 'Because the script says so.';
}

function completion(model: string, content: string): string {
  return JSON.stringify({
    id: 'fake',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  });
}

function chunk(model: string, content: string): string {
  const choices = [{ index: 0, finish_reason: 'stop', delta: { role: 'assistant', content } }];
  return JSON.stringify({ id: 'fake', object: 'chat.completion.chunk', created: 0, model, choices });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
