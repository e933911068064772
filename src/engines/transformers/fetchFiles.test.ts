import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelFileError } from '../../core/errors.ts';
import { fetchFiles } from './fetchFiles.ts';

const content = Buffer.from('weights '.repeat(1000));
const good = {
  path: 'onnx/a.bin',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};
let server: Server;
let baseUrl = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const body = new Map([
      ['/m/onnx/a.bin', content],
      ['/m/cut.bin', content.subarray(0, 4000)],
      ['/m/long.bin', Buffer.concat([content, Buffer.from('more')])],
      ['/m/altered.bin', Buffer.from(content.toString().replace('w', 'W'))],
    ]).get(request.url ?? '');
    response.statusCode = body ? 200 : 404;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m/`;
});
afterAll(() => server.close());

describe('fetchFiles', () => {
  it('gives the bytes and tells the progress', async () => {
    const progress: number[] = [];
    const files = await fetchFiles(baseUrl, [good], {
      onProgress: ({ loadedBytes }) => progress.push(loadedBytes),
    });
    expect(Buffer.from(files.get('onnx/a.bin') as Uint8Array).equals(content)).toBe(true);
    expect(progress.at(-1)).toBe(content.length);
  });

  it.each([
    ['cut.bin', /cut\.bin is not the one in the catalogue/],
    ['long.bin', /long\.bin is not the one in the catalogue/],
    ['altered.bin', /altered\.bin is not the one in the catalogue/],
    ['missing.bin', /missing\.bin could not be fetched \(the server answered 404\)/],
  ])('refuses %s with its name and what to do', async (path, sentence) => {
    const failure = fetchFiles(baseUrl, [good, { ...good, path }]);
    await expect(failure).rejects.toBeInstanceOf(ModelFileError);
    await expect(failure).rejects.toThrow(sentence);
    await expect(failure).rejects.toThrow(/load the model again/);
  });

  it('can be aborted', async () => {
    const failure = fetchFiles(baseUrl, [good], { signal: AbortSignal.abort() });
    await expect(failure).rejects.toMatchObject({ name: 'AbortError' });
  });
});
