import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

export interface CommandResult {
  readonly ok: boolean;
  /** What it printed, both streams as they came. */
  readonly output: string;
  readonly seconds: number;
}

interface RunOptions {
  /** Prints the output as it comes, too. */
  readonly isShown?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of this project's packages, or one of the machine. Its input is empty. */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  { isShown = false, env = {} }: RunOptions = {},
): Promise<CommandResult> {
  const startMs = performance.now();
  const path = [resolve('node_modules/.bin'), process.env.PATH].join(delimiter);
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    const child = spawn(program, args, {
      env: { ...process.env, ...env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Windows has the packages' programs as scripts that only a shell runs.
      shell: process.platform === 'win32',
    });
    for (const [stream, shown] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (isShown) shown.write(chunk);
      });
    }
    const end = (ok: boolean, message = '') =>
      done({
        ok,
        output: Buffer.concat(chunks).toString() + message,
        seconds: (performance.now() - startMs) / 1000,
      });
    child.once('error', (error) => end(false, `${program} could not be started: ${error.message}`));
    child.once('close', (code) => end(code === 0));
  });
}
