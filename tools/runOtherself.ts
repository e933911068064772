import { spawn } from 'node:child_process';
import { join } from 'node:path';

const launcher = join(import.meta.dirname, '../bin/otherself.js');

export interface OtherselfResult {
  /** The exit code. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface OtherselfOptions {
  readonly cwd: string;
  /** Shows its progress as it comes. */
  readonly isShown?: boolean;
}

/** Runs the command line as a user does, while servers of this process go on answering it. */
export async function runOtherself(
  args: readonly string[],
  { cwd, isShown = false }: OtherselfOptions,
): Promise<OtherselfResult> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr.push(text);
    if (isShown) process.stderr.write(text);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { status, stdout: stdout.join(''), stderr: stderr.join('') };
}
