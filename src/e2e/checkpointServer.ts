import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** What goes wrong with a shard. */
export type ShardFault = 'none' | 'stuck' | 'gone' | 'page' | 'flipped' | 'cut';

export interface CheckpointServer {
  /** The folder's address, without the slash at its end. */
  readonly url: string;
  fault: ShardFault;
  /** Whether pages of other origins may read it. */
  isOpen: boolean;
  close(): Promise<void>;
}

/** Serves a converted checkpoint from another origin, well or badly. */
export async function startCheckpointServer(folder: string): Promise<CheckpointServer> {
  const server = createServer((request, response) => void answer(basename(request.url ?? ''), response));
  const state = { fault: 'none' as ShardFault, isOpen: true };
  const answer = async (name: string, response: ServerResponse) => {
    if (state.isOpen) response.setHeader('Access-Control-Allow-Origin', '*');
    const bytes = await readFile(join(folder, name)).catch(() => null);
    const fault = name.endsWith('.bin') ? state.fault : 'none';
    if (!bytes || fault === 'gone') return void response.writeHead(404).end();
    if (fault === 'page') return void response.setHeader('Content-Type', 'text/html').end('<p>Sign in</p>');
    if (fault === 'flipped') bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    if (fault === 'stuck') return void response.write(bytes.subarray(0, 100_000));
    response.end(fault === 'cut' ? bytes.subarray(0, 5000) : bytes);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoint`,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
