import { JudgeError } from '../../../core/errors.ts';
import { type Sandbox, type SandboxCall, sandboxMs } from '../../../core/ports/sandbox.ts';
import { readResults, sandboxScript } from './sandboxScript.ts';

/**
 * A worker from a `data:` address: its origin is nobody's, so that it has no storage and no cookies, and it is under
 * the page's policy, by which no code is made of strings. What it could reach otherwise is taken from it before the
 * script begins. How much memory it takes is bounded by its time alone.
 */
export const browserSandbox: Sandbox = (call: SandboxCall) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(workerScript(call))}`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (results: readonly unknown[] | null): void => {
      clearTimeout(timer);
      worker.terminate();
      resolve(results);
    };
    worker.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (timer !== undefined) end(readResults(data));
      else timer = setTimeout(end, sandboxMs, null);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      // A script that cannot be read fails before its first line.
      if (event instanceof ErrorEvent) return end(null);
      worker.terminate();
      reject(
        new JudgeError(
          'The answer could not be run: this browser starts no sandbox. Judge it by the command line.',
        ),
      );
    };
  });

/** The first message says that the time counts from now. What is declared by const is no property of the scope. */
function workerScript(call: SandboxCall): string {
  return `const otherselfReport = postMessage.bind(globalThis);
otherselfReport('');
${sandboxScript(call, 'otherselfReport')}`;
}
