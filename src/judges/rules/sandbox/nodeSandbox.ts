import { spawn } from 'node:child_process';
import { JudgeError } from '../../../core/errors.ts';
import { type SandboxCall, type Sandbox, sandboxMs } from '../../../core/ports/sandbox.ts';
import { readResults, sandboxScript } from './sandboxScript.ts';

/** Runs in a process of its own; what it writes first says that the time counts from now. */
const runner = `
const { runInNewContext } = require('node:vm');
let script = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => { script += text; });
process.stdin.on('end', () => {
  try {
    const contextCodeGeneration = { strings: false, wasm: false };
    const value = runInNewContext(script, Object.create(null), { contextCodeGeneration });
    if (typeof value === 'string') process.stdout.write(value);
  } catch {}
});
process.stdout.write('\\n');
`;

/** Node's own name for it changed; without either only the context and the flags below hold. */
const permission = ['--permission', '--experimental-permission'].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

const flags = [
  ...permission.slice(0, 1),
  '--disallow-code-generation-from-strings',
  '--max-old-space-size=64',
  '-e',
  runner,
];

/** Results are small; more would fill this process's memory. */
const maxChars = 1_000_000;

/**
 * A process without environment, files, children or workers, in it a context without Node. The context's own ways
 * out need host functions or code of strings, and there are none.
 */
export const nodeSandbox: Sandbox = (call: SandboxCall) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, flags, { env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
    const kill = (): boolean => child.kill('SIGKILL');
    let timer: NodeJS.Timeout | undefined;
    let text = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (more: string) => {
      timer ??= setTimeout(kill, sandboxMs);
      text += more;
      if (text.length > maxChars) kill();
    });
    // A process that ends before it has read all is seen at its end.
    child.stdin.on('error', () => undefined);
    child.stdin.end(sandboxScript(call));
    child.on('error', (cause) => reject(cannotStart(cause)));
    child.on('close', () => {
      clearTimeout(timer);
      if (timer === undefined) reject(cannotStart());
      else resolve(text.length > maxChars ? null : readResults(text));
    });
  });

function cannotStart(cause?: unknown): JudgeError {
  return new JudgeError('The answer could not be run: the sandbox process did not start. Judge it again.', {
    cause,
  });
}
