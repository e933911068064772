import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a test sees it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed JSON; empty without a body. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScriptedReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or data to be sent as JSON. */
  readonly body?: unknown;
  /** Server-sent events in place of a body; `hang` waits for ever, `break` cuts the connection. */
  readonly events?: readonly unknown[];
}

export const hang = Symbol('hang');
export const breakOff = Symbol('break');

export interface ScriptedServer {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** An HTTP server for tests that answers as `script` says; `call` counts the requests for a path from 1. */
export async function startScriptedServer(
  script: (request: SeenRequest, call: number) => ScriptedReply | typeof hang | typeof breakOff,
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const text = Buffer.concat(chunks).toString();
      const seen = {
        method,
        path: url,
        headers,
        body: text === '' ? {} : (JSON.parse(text) as SeenRequest['body']),
      };
      requests.push(seen);
      answer(response, script(seen, requests.filter(({ path }) => path === url).length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(response: ServerResponse, reply: ScriptedReply | typeof hang | typeof breakOff): void {
  if (reply === hang) return;
  if (reply === breakOff) return void response.destroy();
  const { status = 200, headers = {}, body = '', events } = reply;
  if (events) return sendEvents(response, events);
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  response.writeHead(status, { 'Content-Type': type, ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function sendEvents(response: ServerResponse, events: readonly unknown[]): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const event of events) {
    if (event === hang) return;
    // What was written has to leave before the connection breaks.
    if (event === breakOff) return void setImmediate(() => response.destroy());
    response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  }
  response.end();
}

/** A piece of a streamed answer. */
export function piece(content: string, finish: string | null = null): unknown {
  return {
    id: 'x',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  };
}

/** A whole answer, not streamed. */
export function completion(
  content: string | null,
  more: Readonly<Record<string, unknown>> = {},
): ScriptedReply {
  const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content }, ...more };
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
  return { body: { id: 'x', object: 'chat.completion', choices: [choice], usage } };
}

/** An error as OpenAI writes it. */
export function refusal(
  status: number,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): ScriptedReply {
  return { status, body: { error: { message, type: 'invalid_request_error', ...more } } };
}
