import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findPython } from './pythonEnvironment.ts';

interface LlamaServerOptions {
  /** Requests without this key get 401. */
  readonly apiKey?: string;
  /** Requests that are answered at once. */
  readonly parallel?: number;
  /** 0: any free one. */
  readonly port?: number;
  /** A GGUF file and its name on the server; without it SmolLM2-135M. */
  readonly gguf?: { readonly path: string; readonly name: string };
}

export interface LlamaServer {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Ends it at once, also in the middle of an answer. */
  stop(): Promise<void>;
}

/** Loading takes about a second; a busy machine may need many times that. */
const startTimeoutMs = 60_000;

/** Whether this machine can run {@link startLlamaServer}: `describe.skipIf(!hasLlamaServer())`. */
export function hasLlamaServer(): boolean {
  return findPython() !== null;
}

/**
 * For tests with it: a busy machine needs minutes, and so small a model may now and then say something that no test
 * can foresee, for the fence around an answer is another each time. What is broken fails all three times.
 */
export const llamaTests = { timeout: 600_000, retry: 2 } as const;

/** Starts llama.cpp's real server. As a judge SmolLM2-135M's scores mean nothing, but its protocol is real. */
export async function startLlamaServer(options: LlamaServerOptions = {}): Promise<LlamaServer> {
  const python = findPython();
  if (!python) throw new Error('The Python of the tests is not set up: `npm test` does it.');
  const { apiKey, parallel = 2, port = 0, gguf } = options;
  const model = gguf?.name ?? 'smollm2';
  const script = join(import.meta.dirname, 'llamaServer.py');
  const flags = ['--alias', model, '--parallel', String(parallel), '--port', String(port)];
  if (apiKey !== undefined) flags.push('--api-key', apiKey);
  if (gguf) flags.push('--model', gguf.path);
  const child = spawn(python, [script, ...flags], {
    // Its input stays open as long as this process lives, and it ends with it.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    const address = await readAddress(child);
    await waitUntilHealthy(address);
    return { baseUrl: `${address}/v1`, model, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readAddress(child: ChildProcess): Promise<string> {
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`llama.cpp's server ${reason}:\n${log.join('\n')}`));
    const timer = setTimeout(() => fail('did not start in time'), startTimeoutMs);
    child.once('exit', () => fail('ended while it started'));
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        const address = /^\{"address": "(.+)"\}$/.exec(line)?.[1];
        if (!address) return void log.push(line);
        clearTimeout(timer);
        resolve(address);
      });
    }
  });
}

async function waitUntilHealthy(address: string): Promise<void> {
  const endMs = performance.now() + startTimeoutMs;
  for (;;) {
    const response = await fetch(`${address}/health`).catch(() => null);
    if (response?.ok) return;
    if (performance.now() > endMs) throw new Error("llama.cpp's server did not become healthy in time.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
