import { SingleBar } from 'cli-progress';

/** Exit codes, as `otherself --help` lists them. */
export const exitCodes = { done: 0, incomplete: 1, badInput: 2, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Sentences go to stderr, so that stdout holds only results. */
export function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** The result on stdout: as JSON for machines, else as text. */
export function printResult(result: unknown, text: string, options: { readonly json: boolean }): void {
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : `${text}\n`);
}

export interface ProgressLine {
  update(done: number, detail: string): void;
  stop(): void;
}

/** A bar on a terminal; a line every tenth part elsewhere, so that logs stay readable. */
export function startProgress(
  total: number,
  label: string,
  options: { readonly quiet: boolean },
): ProgressLine {
  if (options.quiet || total === 0) return { update: () => undefined, stop: () => undefined };
  return process.stderr.isTTY ? startBar(total, label) : startLines(total, label);
}

function startBar(total: number, label: string): ProgressLine {
  const format = `${label} [{bar}] {value}/{total} {detail}`;
  const bar = new SingleBar({ format, hideCursor: true, stream: process.stderr, barsize: 24 });
  bar.start(total, 0, { detail: '' });
  return { update: (done, detail) => bar.update(done, { detail }), stop: () => bar.stop() };
}

function startLines(total: number, label: string): ProgressLine {
  let nextTenth = 1;
  return {
    update(done, detail) {
      if ((done * 10) / total < nextTenth) return;
      nextTenth = Math.floor((done * 10) / total) + 1;
      say(`${label} ${done}/${total} ${detail}`.trimEnd());
    },
    stop: () => undefined,
  };
}
