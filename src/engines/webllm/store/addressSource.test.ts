import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ModelFileError } from '../../../core/errors.ts';
import { AddressSource } from './addressSource.ts';

const content = new Uint8Array(Array.from({ length: 5000 }, (_, index) => index % 251));
let close = (): void => undefined;
afterEach(() => close());

/** A server that answers each request by the next of `answers`, and the last again and again. */
async function sourceThat(
  ...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]
): Promise<{ source: AddressSource; asked: IncomingMessage[]; waits: number[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    answers[Math.min(asked.length, answers.length - 1)]?.(request, response);
    asked.push(request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const waits: number[] = [];
  const folder = `http://127.0.0.1:${(server.address() as AddressInfo).port}/folder/`;
  const source = new AddressSource(folder, { wait: async (milliseconds) => void waits.push(milliseconds) });
  return { source, asked, waits };
}

const status = (code: number, headers: Record<string, string> = {}) =>
  ((_: IncomingMessage, response: ServerResponse) => response.writeHead(code, headers).end('no')) as never;
const whole = (_: IncomingMessage, response: ServerResponse) => void response.end(content);
/** Breaks the connection after some bytes. */
const broken = (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'Content-Length': content.length });
  response.write(content.subarray(0, 2000), () => setTimeout(() => response.destroy(), 20));
};
const rest = (request: IncomingMessage, response: ServerResponse) => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]);
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { 'Content-Range': range }).end(content.subarray(from));
};

describe('AddressSource', () => {
  it('gives the whole file, and null for one that is not there', async () => {
    const { source, asked } = await sourceThat(whole, status(404));
    expect(await source.read('a.bin', { bytes: content.length })).toEqual(content);
    expect(asked[0]?.url).toBe('/folder/a.bin');
    expect(await source.read('b.bin')).toBeNull();
  });

  it('goes on where a connection broke off', async () => {
    const { source, asked, waits } = await sourceThat(broken, rest);
    const counts: number[] = [];
    const bytes = await source.read('a.bin', {
      bytes: content.length,
      onBytes: (count) => counts.push(count),
    });
    expect(bytes).toEqual(content);
    expect(asked[1]?.headers.range).toBe('bytes=2000-');
    expect(waits).toEqual([1000]);
    expect(counts.at(-1)).toBe(content.length);
  });

  it('begins anew when the server does not know ranges', async () => {
    const { source } = await sourceThat(broken, whole);
    expect(await source.read('a.bin', { bytes: content.length })).toEqual(content);
  });

  it('waits for a busy server, longer each time, and gives up after five tries', async () => {
    const patient = await sourceThat(status(503), status(429), whole);
    expect(await patient.source.read('a.bin')).toEqual(content);
    expect(patient.waits).toEqual([1000, 2000]);
    close();
    const { source, asked } = await sourceThat(status(500));
    await expect(source.read('a.bin')).rejects.toThrow(
      /could not be fetched: the server answered 500.*resume/,
    );
    expect(asked.length).toBe(5);
  });

  it('fetches a file that came too short again, and says so when it stays short', async () => {
    const short = (_: IncomingMessage, response: ServerResponse) =>
      void response.end(content.subarray(0, 100));
    const healed = await sourceThat(short, whole);
    expect(await healed.source.read('a.bin', { bytes: content.length })).toEqual(content);
    expect(healed.asked[1]?.headers.range).toBeUndefined();
    close();
    const { source } = await sourceThat(short);
    await expect(source.read('a.bin', { bytes: content.length })).rejects.toThrow(
      /100 bytes where 5000 belong/,
    );
  });

  it.each([
    [
      'a part that nobody asked for',
      status(206, { 'Content-Range': 'bytes 0-1/9' }),
      /answered 206.*whole file/,
    ],
    ['a web page', status(200, { 'Content-Type': 'text/html; charset=utf-8' }), /web page instead/],
    ['a refusal', status(403), /without an account \(403\).*import that folder/],
    ['another status', status(204), /answered 204/],
  ])('refuses %s at once', async (_, answer, sentence) => {
    const { source, asked } = await sourceThat(answer);
    const error: unknown = await source.read('a.bin').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(sentence);
    expect(asked.length).toBe(1);
  });

  it('says that a server cannot be reached', async () => {
    const { source } = await sourceThat(whole);
    close();
    await expect(source.read('a.bin')).rejects.toThrow(/no connection, or .*CORS/);
  });

  it('stops with the reason when it is aborted', async () => {
    const controller = new AbortController();
    const { source } = await sourceThat((_, response) => void response.writeHead(200).write('x'));
    const reading = source.read('a.bin', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('Paused.')), 50);
    await expect(reading).rejects.toThrow('Paused.');
  });
});
