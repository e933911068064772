import { type CommandResult, runCommand } from './runCommand.ts';
import type { Failure, Tally } from './tally.ts';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** The slow ones first, since two run at once. */
const checks: readonly Check[] = [
  { name: 'lint', command: ['eslint', '--max-warnings', '0', '.'] },
  { name: 'svelte and page types', command: ['svelte-check', '--fail-on-warnings', '--output', 'human'] },
  { name: 'test types', command: ['tsc', '-p', 'tsconfig.test.json'] },
  { name: 'node types', command: ['tsc', '-p', 'tsconfig.node.json'] },
  { name: 'pure types', command: ['tsc', '-p', 'tsconfig.pure.json'] },
  { name: 'worker types', command: ['tsc', '-p', 'tsconfig.worker.json'] },
  { name: 'unused code', command: ['knip'] },
  { name: 'import graph', command: ['depcruise', 'src', 'tools', 'bench'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
];

/** Two fit the memory and the cores of a small machine. */
const atOnce = 2;

/** Runs every check, also after one has failed, and prints what failed. */
export async function runChecks(): Promise<Tally> {
  const waiting = [...checks];
  let passed = 0;
  const failed: Failure[] = [];
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const result = await runCommand(check.command);
      print(check.name, result);
      if (result.ok) passed += 1;
      else failed.push({ name: check.name, why: result.output });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { passed, failed, skipped: [] };
}

function print(name: string, { ok, output, seconds }: CommandResult): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(1)} s)`);
  if (!ok) console.log(output.trimEnd());
}
