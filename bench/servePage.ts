import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { build } from 'vite';

const outFolder = '.cache/bench/page';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Builds the bench page and serves it, cross-origin isolated, beside the model files of `modelFolders`. */
export async function servePage(
  modelFolders: readonly string[],
): Promise<{ url: string; close: () => void }> {
  await build({
    configFile: false,
    root: 'bench/page',
    base: './',
    logLevel: 'error',
    publicDir: false,
    worker: { format: 'es' },
    build: {
      outDir: join(process.cwd(), outFolder),
      emptyOutDir: true,
      target: 'es2022',
      rolldownOptions: { input: ['index', 'storage', 'webgpu'].map((name) => `bench/page/${name}.html`) },
    },
  });
  const server = createServer((request, response) => {
    void (async () => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
      const file = findFile(path === '/' ? '/index.html' : path, modelFolders);
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      if (!file) return response.writeHead(404).end();
      const type = types[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': (await stat(file)).size });
      return createReadStream(file).pipe(response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

function findFile(path: string, modelFolders: readonly string[]): string | undefined {
  const inModels = path.startsWith('/models/') ? path.slice('/models/'.length) : null;
  const candidates =
    inModels === null ? [join(outFolder, path)] : modelFolders.map((folder) => join(folder, inModels));
  return candidates.find((candidate) => existsSync(candidate));
}
