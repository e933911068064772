import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { securityHeaders } from './securityHeaders.ts';

interface ServeOptions {
  readonly host: string;
  /** The first port to try; 0 lets the system choose. */
  readonly port: number;
  /** The path under which the folder is served, with both slashes. */
  readonly base?: string;
  /** Folders that are served below the first, by their path there, with the slash at its end. */
  readonly mounts?: Readonly<Record<string, string>>;
}

export interface FolderServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Ports after the wished one that are tried when it is taken. */
const maxPortTries = 20;

/** Serves a folder as a static host does: sizes, ranges, validators, and the headers of `_headers`. */
export async function serveFolder(
  folder: string,
  { host, port, base = '/', mounts = {} }: ServeOptions,
): Promise<FolderServer> {
  const files = sirv(folder, {
    etag: true,
    brotli: true,
    setHeaders: (response, path) => {
      // Names in assets/ carry a hash of the content; everything else is asked for again.
      const forever = path.startsWith('/assets/');
      response.setHeader('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  // Files may come while the server runs, so a mount reads its folder at each request.
  const mounted = Object.entries(mounts).map(([at, path]) => ({ at, serve: sirv(path, { dev: true }) }));
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (!request.url?.startsWith(base)) {
      response.writeHead(404).end();
      return;
    }
    const path = request.url.slice(base.length);
    const mount = mounted.find(({ at }) => path.startsWith(at));
    request.url = `/${path.slice(mount?.at.length ?? 0)}`;
    (mount?.serve ?? files)(request, response);
  });
  const usedPort = await listen(server, host, port);
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${usedPort}${base}`, close: () => close(server) };
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await listenOn(server, host, port + tried);
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || tried === maxPortTries) throw error;
    }
  }
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
