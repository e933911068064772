import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBuildStale } from './isBuildStale.ts';
import { type FolderServer, serveFolder } from './serveFolder.ts';

let folder: string;
const servers: FolderServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-serve-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets/app-1a2b.js'), 'export {};');
  await writeFile(
    join(folder, 'weights.bin'),
    new Uint8Array(1000).map((_, index) => index),
  );
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await rm(folder, { recursive: true });
});

async function serve(options: { port?: number; base?: string } = {}): Promise<FolderServer> {
  const server = await serveFolder(folder, { host: '127.0.0.1', port: 0, ...options });
  servers.push(server);
  return server;
}

describe('the static server', () => {
  it('isolates the page and states the policy', async () => {
    const { url } = await serve();
    const { headers } = await fetch(url);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('cache-control')).toBe('no-cache');
  });

  it('lets hashed files be kept for ever', async () => {
    const { url } = await serve();
    const { headers } = await fetch(`${url}assets/app-1a2b.js`);
    expect(headers.get('cache-control')).toContain('immutable');
    expect(headers.get('content-type')).toMatch(/javascript/);
  });

  it('sends sizes and ranges, and nothing when the file did not change', async () => {
    const { url } = await serve();
    const whole = await fetch(`${url}weights.bin`);
    expect(whole.headers.get('content-length')).toBe('1000');
    const part = await fetch(`${url}weights.bin`, { headers: { Range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    const again = await fetch(`${url}weights.bin`, {
      headers: { 'If-None-Match': whole.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('serves under a base path, and nothing outside of it or of the folder', async () => {
    const { url } = await serve({ base: '/deep/path/' });
    expect((await fetch(`${url}weights.bin`)).status).toBe(200);
    expect((await fetch(new URL('/weights.bin', url))).status).toBe(404);
    expect((await fetch(`${url}%2e%2e/%2e%2e/etc/passwd`)).status).toBe(404);
  });

  it('takes the next port when one is taken', async () => {
    const first = await serve();
    const second = await serve({ port: Number(new URL(first.url).port) });
    expect(second.url).not.toBe(first.url);
    expect((await fetch(second.url)).status).toBe(200);
  });
});

describe('whether a build is stale', () => {
  it('depends on the newest source, in folders too', async () => {
    expect(await isBuildStale(folder)).toBe(true);
    await mkdir(join(folder, 'dist'));
    await mkdir(join(folder, 'src/deep'), { recursive: true });
    await writeFile(join(folder, 'dist/index.html'), '');
    await writeFile(join(folder, 'src/deep/a.ts'), '');
    const [past, future] = [new Date('2020-01-01'), new Date('2100-01-01')];
    for (const path of ['index.html', 'src', 'src/deep', 'src/deep/a.ts'])
      await utimes(join(folder, path), past, past);
    expect(await isBuildStale(folder)).toBe(false);
    await utimes(join(folder, 'src/deep/a.ts'), future, future);
    expect(await isBuildStale(folder)).toBe(true);
  });
});
