import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { type LlamaServer, startLlamaServer } from './llamaServer.ts';
import { fetchJudgeModel } from './findings/judgeModel.ts';
import { type MiniJudge, miniEnd, miniFolder, miniLanes } from './findings/miniCommands.ts';
import { setUpPython } from './pythonEnvironment.ts';
import { runOtherself } from './runOtherself.ts';

/** A fixed address is part of a verdict's key, so that what was judged before is not judged again. */
const ports: Readonly<Record<MiniJudge, number>> = { large: 8091, small: 8092 };
/** On a busy core the large judge takes up to a minute, and two calls share it. */
const slowFlags = ['--concurrency', '2', '--timeout', '600'];

type Judges = Readonly<Record<MiniJudge, LlamaServer>>;

/** Collects and judges what docs/findings/mini.md tells: `npx tsx tools/collectMini.ts`. Goes on where it was stopped. */
async function collectMini(): Promise<void> {
  const setup = await setUpPython();
  if (setup.state !== 'ready') throw new Error(`The judges need Python: ${setup.reason}.`);
  const large = await startLlamaServer({ port: ports.large, gguf: await fetchJudgeModel(setup.python) });
  const small = await startLlamaServer({ port: ports.small }).catch(async (error: unknown) => {
    await large.stop();
    throw error;
  });
  try {
    await mkdir(miniFolder, { recursive: true });
    await Promise.all(miniLanes.map((lane) => runAll(lane, { large, small })));
    await runAll(miniEnd, { large, small });
  } finally {
    await Promise.all([large.stop(), small.stop()]);
  }
}

async function runAll(commands: readonly string[], judges: Judges): Promise<void> {
  for (const command of commands) await run(command, judges);
}

async function run(command: string, judges: Judges): Promise<void> {
  const [line = '', file] = command.split(' > ');
  if (file !== undefined && existsSync(file)) return;
  console.log(`otherself ${command}`);
  const args = line.split(' ').flatMap((word) => {
    const name = /^\{(large|small)\}$/.exec(word)?.[1] as MiniJudge | undefined;
    if (!name) return [word];
    const { baseUrl, model } = judges[name];
    return ['--base-url', baseUrl, '--model', model, ...slowFlags];
  });
  const startMs = performance.now();
  const { status, stdout, stderr } = await runOtherself(args, { cwd: process.cwd(), isShown: true });
  // 1: a verdict that failed, or a judge that gave in, which is a finding.
  if (status !== 0 && !(status === 1 && line.startsWith('judge'))) {
    throw new Error(`otherself ${line} ended with ${status}: ${stdout}${stderr}`);
  }
  if (file === undefined) process.stdout.write(stdout);
  else await writeFile(file, stdout);
  console.log(`${((performance.now() - startMs) / 1000).toFixed(0)} s: otherself ${line}`);
}

await collectMini();
