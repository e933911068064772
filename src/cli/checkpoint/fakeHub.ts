import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A hub on this machine that serves one repository and can misbehave: what the tests of the hub path ask. */
export interface FakeHub {
  readonly url: string;
  readonly commit: string;
  /** Each request in order: `GET path range`. */
  readonly requests: string[];
  /** Gives the next requests of matching paths a fate; consumed one a request. */
  readonly fates: { readonly path: RegExp; readonly fate: Fate }[];
  close(): Promise<void>;
}

export type Fate =
  | { readonly kind: 'status'; readonly status: number; readonly code?: string }
  /** Sends so many bytes of the body, then cuts the connection. */
  | { readonly kind: 'drop'; readonly afterBytes: number }
  | { readonly kind: 'ignoreRange' }
  /** Sends right amounts of wrong bytes. */
  | { readonly kind: 'garble' };

export interface FakeRepository {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Without it every request is refused with 401. */
  readonly token?: string;
}

/** Above it a file is listed as one in large-file storage, with its SHA-256. */
const largeBytes = 1024;

export async function startFakeHub(repository: FakeRepository): Promise<FakeHub> {
  const commit = 'c0ffee'.padEnd(40, '0');
  const requests: string[] = [];
  const fates: FakeHub['fates'] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '');
    requests.push(`GET ${path} ${request.headers.range ?? ''}`.trimEnd());
    const index = fates.findIndex((one) => one.path.test(path));
    const [found] = index < 0 ? [] : fates.splice(index, 1);
    answer(request, response, { path, commit, repository, fate: found?.fate });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ commit, requests, fates },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Question {
  readonly path: string;
  readonly commit: string;
  readonly repository: FakeRepository;
  readonly fate: Fate | undefined;
}

function answer(request: IncomingMessage, response: ServerResponse, question: Question): void {
  const { path, commit, repository, fate } = question;
  if (fate?.kind === 'status') return refuse(response, fate.status, fate.code);
  if (repository.token !== undefined && request.headers.authorization !== `Bearer ${repository.token}`)
    return refuse(response, 401, 'RepoNotFound');
  const { name } = repository;
  if (new RegExp(`^/api/models/${name}/revision/(main|v1|${commit})$`).test(path))
    return sendJson(response, { _id: '1', id: name, modelId: name, sha: commit, lastModified: '2026-01-01' });
  if (path.startsWith(`/api/models/${name}/revision/`)) return refuse(response, 404, 'RevisionNotFound');
  if (path === `/api/models/${name}/tree/${commit}`) return sendJson(response, listing(repository));
  const file = repository.files.get(path.replace(`/${name}/resolve/${commit}/`, ''));
  if (!file) return refuse(response, 404, 'RepoNotFound');
  sendFile(request, response, file, fate);
}

function listing({ files }: FakeRepository) {
  return [...files].map(([path, bytes]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
    ...(bytes.length > largeBytes
      ? {
          lfs: {
            oid: createHash('sha256').update(bytes).digest('hex'),
            size: bytes.length,
            pointerSize: 130,
          },
        }
      : {}),
  }));
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  fate: Fate | undefined,
): void {
  const range = fate?.kind === 'ignoreRange' ? null : /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
  const [start, end] = range ? [Number(range[1]), Number(range[2]) + 1] : [0, file.length];
  const bytes = file.slice(start, end);
  response.setHeader('content-length', bytes.length);
  if (range) {
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${file.length}` });
  }
  if (fate?.kind === 'drop') response.write(bytes.subarray(0, fate.afterBytes), () => response.destroy());
  else response.end(fate?.kind === 'garble' ? bytes.map((byte) => byte ^ 1) : bytes);
}

function refuse(response: ServerResponse, status: number, code?: string): void {
  response.writeHead(status, code === undefined ? {} : { 'x-error-code': code });
  response.end('no');
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
