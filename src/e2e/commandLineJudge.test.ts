import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOtherself } from '../../tools/runOtherself.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import { type FakeJudgeServer, startFakeJudgeServer } from './fakeJudgeServer.ts';
import { firmJudge, obedientJudge } from './hostileAnswers.ts';
import { runText } from './judgedRun.ts';

const run = exampleRun({ temperatures: [0], prompts: ['a', 'b', 'c', 'd'].map((id) => examplePrompt(id)) });
let folder = '';
let server: FakeJudgeServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-judge-'));
  server = await startFakeJudgeServer();
  await writeFile(
    join(folder, 'run.jsonl'),
    runText({ run, rollouts: exampleRollouts(run), verdicts: [], beliefs: [] }),
  );
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const otherself = (...args: string[]) => runOtherself(args, { cwd: folder });

async function importedRun(): Promise<void> {
  expect(await otherself('import', 'run.jsonl', '--out', 'run')).toMatchObject({ status: 0 });
}

function judge(...args: string[]) {
  return otherself('judge', ...args, '--base-url', server.baseUrl, '--model', 'judge-x');
}

interface Told {
  readonly rubric: string;
  readonly outcome: { readonly state: string; readonly counts: Readonly<Record<string, number | null>> };
}

interface Repeats {
  readonly repeats: readonly {
    readonly signal: string;
    readonly scorings: number;
    readonly spread: { readonly value: number } | null;
    readonly flips: { readonly value: number; readonly n: number };
  }[];
}

async function repeatsTold(): Promise<Repeats['repeats']> {
  const { stdout } = await otherself('report', 'run', '--json');
  return (JSON.parse(stdout) as Repeats).repeats;
}

/** Each test starts the command line several times, on a machine that may be busy. */
describe('otherself judge, in front of a judge', { timeout: 120_000 }, () => {
  it('scores a share again, and the report says how far the judge agrees with itself', async () => {
    await importedRun();
    const high = () => 0.9;
    server.script(high, high, high, high, () => 0.1);
    const args = ['run', '--repeats', '2', '--repeat-share', '0.5', '--concurrency', '1'];
    const first = await judge(...args, '--json');
    expect(first.status).toBe(0);
    const told = (JSON.parse(first.stdout) as Told[]).map(({ rubric, outcome }) => [
      rubric,
      outcome.counts.scored,
      outcome.counts.total,
    ]);
    expect(told).toEqual([
      ['identity', 4, 4],
      ['identity, repeat 2', 2, 2],
      ['identity, repeat 3', 2, 2],
    ]);
    expect(server.requests).toHaveLength(8);

    const [ai] = await repeatsTold();
    expect(ai).toMatchObject({ signal: 'AI self-reference', scorings: 3, flips: { value: 1, n: 2 } });
    // Once 90 and twice 10, on each of both answers.
    expect(ai?.spread?.value).toBeCloseTo(Math.hypot(53.33, 26.67, 26.67) / Math.sqrt(2), 1);
    const { stdout } = await otherself('report', 'run');
    expect(stdout).toContain('Does the judge agree with itself?');
    expect(stdout).toMatch(/judge-x +AI self-reference +3 +46\.19 .* 100 % .*n = 2, 2 prompts/);

    await judge(...args);
    expect(server.requests).toHaveLength(8);
  });

  it('takes a repeat without a verdict for missing, never for agreement', async () => {
    await importedRun();
    server.script(firmJudge, firmJudge, firmJudge, firmJudge, firmJudge, 'prose');
    const args = ['run', '--repeats', '1', '--repeat-share', '0.5', '--concurrency', '1'];
    const judged = await judge(...args);
    expect(judged.status).toBe(1);
    expect(judged.stdout).toContain(
      'identity, repeat 2: 1 of 2 answers scored. 1 verdicts failed; try them again with --retry-failed.',
    );
    expect((await repeatsTold())[0]?.flips).toMatchObject({ value: 0, n: 1 });
    server.script(() => 0.9);
    expect((await judge(...args, '--retry-failed')).status).toBe(0);
    expect((await repeatsTold())[0]?.flips).toMatchObject({ value: 0.5, n: 2 });
  });

  it('refuses repeats of rules, and a share of nothing', async () => {
    await importedRun();
    expect(await otherself('judge', 'run', '--repeats', '2')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the built-in rules say the same every time'),
    });
    expect((await judge('run', '--repeats', '2', '--repeat-share', '0')).status).toBe(2);
    expect(server.requests).toEqual([]);
  });

  it('scores by a rubric of one’s own, and asks for another version when it is changed', async () => {
    await importedRun();
    const warmth = {
      id: 'warmth',
      version: 1,
      title: 'Warmth',
      fits: ['identity'],
      instructions: 'Say whether the answer is warm.',
      signals: [{ id: 'warm', label: 'Warm', type: 'flag', question: 'Is it warm?' }],
    };
    const write = (rubric: object) => writeFile(join(folder, 'warmth.json'), JSON.stringify(rubric));
    await write(warmth);
    server.script(() => 0.9, firmJudge);
    const args = ['run', '--rubric-file', 'warmth.json', '--concurrency', '1'];
    expect(await judge(...args)).toMatchObject({ status: 0, stdout: 'warmth: 4 of 4 answers scored.\n' });
    expect(server.requests[0]?.body.messages[0]?.content).toContain('Say whether the answer is warm.');
    expect((await otherself('report', 'run', '--rubric-file', 'warmth.json')).stdout).toMatch(
      /Warm +25 % .*n = 4 of 4/,
    );
    expect((await otherself('report', 'run')).stderr).toContain('know the rubric warmth (version 1)');

    await write({ ...warmth, instructions: 'Say whether the answer is kind.', version: 2 });
    server.script(() => 0.9);
    expect((await judge(...args)).status).toBe(0);
    await writeFile(join(folder, 'first.json'), JSON.stringify(warmth));
    const both = ['--rubric-file', 'first.json', '--rubric-file', 'warmth.json'];
    const { stdout } = await otherself('report', 'run', ...both);
    expect(stdout).toMatch(/judge-x +1 to 2 +one +Warm +25 % +100 % +\+75 points/);

    await write({ ...warmth, id: 'identity', instructions: 'Something else.' });
    const calls = server.requests.length;
    expect(await judge(...args)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('There is another rubric "identity" of version 1.'),
    });
    await write({ ...warmth, signals: [] });
    expect(await judge(...args)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^warmth\.json, line 1: signals must not be empty/),
    });
    expect(server.requests).toHaveLength(calls);
  });

  it('tries a judge with answers that ask for scores, without a run', async () => {
    server.script(firmJudge);
    const firm = await judge('--injection-check');
    expect(firm.status).toBe(0);
    expect(firm.stdout).toMatch(/^identity\n“AI self-reference”: 0 of 16 attempts move it/);
    expect(server.requests).toHaveLength(32);

    server.script(obedientJudge);
    const obedient = await judge('--injection-check', '--rubric', 'identity-constraint');
    expect(obedient.status).toBe(1);
    expect(obedient.stdout).toMatch(
      /^identity-constraint\n“Coherent”: \d+ of 16 attempts move it .*gives in/,
    );

    server.script('prose');
    const mute = await judge('--injection-check', '--json');
    expect(mute.status).toBe(1);
    const [{ drifts, outcomes } = expect.fail()] = JSON.parse(mute.stdout) as {
      drifts: unknown[];
      outcomes: { twin: unknown; hostile: unknown; error: string | null }[];
    }[];
    expect(drifts).toEqual([]);
    expect(outcomes).toHaveLength(16);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ twin: null, hostile: null });

    server.script('wrong key');
    const refused = await judge('--injection-check');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('wants an API key (401)');
  });
});
