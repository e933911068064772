import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TransformersCard } from '../core/model.ts';
import type { Run } from '../core/run.ts';
import { modelsFolder, readCatalogue } from './catalogue.ts';

const launcher = join(import.meta.dirname, '../../bin/otherself.js');
/** The embedded model loads in seconds; a loaded machine takes longer. */
const timeout = 120_000;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otherself-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function otherself(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

const probeArgs = [
  ...['probe', '--model', 'mini-base', '--suite', 'identity', '--suite', 'politics', '--limit', '3'],
  ...['--temperature', '0,0.8', '--samples', '2', '--max-tokens', '12'],
];

const linesOf = async (path: string) => (await readFile(path, 'utf8')).trimEnd().split('\n');

describe('otherself', () => {
  it('probes, judges, reports, exports and imports with equal numbers', { timeout }, async () => {
    const probed = otherself(...probeArgs, '--out', 'first');
    expect(probed.stderr).toContain('1 model x 6 prompts: 18 answers.');
    expect(probed).toMatchObject({ status: 0, stdout: 'All 18 answers are in first.\n' });

    const rollouts = (await linesOf(join(folder, 'first/rollouts.jsonl'))).map(
      (line) => JSON.parse(line) as object,
    );
    expect(rollouts).toHaveLength(18);
    expect(rollouts[0]).toMatchObject({
      model: 'mini-base',
      promptId: expect.any(String),
      text: expect.any(String),
    });

    expect(otherself('judge', 'first')).toMatchObject({ status: 0 });
    const report = otherself('report', 'first', '--json');
    expect(report.status).toBe(0);

    expect(otherself('export', 'first', '--format', 'jsonl', '--out', 'first.jsonl').status).toBe(0);
    expect(otherself('import', 'first.jsonl', '--out', 'second').status).toBe(0);
    expect(otherself('report', 'second', '--json').stdout).toBe(report.stdout);
    expect(otherself('judge', 'second').stderr).toContain('have a verdict');

    for (const format of ['rows', 'parquet', 'csv', 'inspect', 'promptfoo', 'handout']) {
      expect(otherself('export', 'first', '--format', format, '--out', `first.${format}`).status).toBe(0);
    }
    const report2 = otherself('report', 'first');
    expect(report2.stdout).toContain('rough, rules');
    expect(report2.stdout).toMatch(/n = \d+ of \d+/);
  });

  it('goes on after it was killed, and loses at most what was in flight', { timeout }, async () => {
    const args = [...probeArgs, '--max-tokens', '40', '--out', 'killed'];
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8');
    const ended = new Promise((resolve) => child.on('exit', resolve));
    let heard = '';
    child.stderr.on('data', (text: string) => {
      heard += text;
      if (/Collecting [2-9]\/18/.test(heard)) child.kill('SIGKILL');
    });
    await ended;
    const before = (await linesOf(join(folder, 'killed/rollouts.jsonl'))).filter((line) =>
      line.endsWith('}'),
    );
    expect(before.length).toBeGreaterThan(0);
    const resumed = otherself('probe', '--out', 'killed');
    expect(resumed.stderr).toMatch(/\d+ are stored already/);
    expect(resumed.status).toBe(0);
    const after = await linesOf(join(folder, 'killed/rollouts.jsonl'));
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map((line) => (JSON.parse(line) as { key: string }).key)).size).toBe(18);
  });

  it('takes a model from a file with its card, and finds its folder beside the file', async () => {
    const card = (await readCatalogue()).find(({ id }) => id === 'mini-persona') as TransformersCard;
    const beside = relative(folder, join(modelsFolder, card.folder));
    await writeFile(join(folder, 'card.json'), JSON.stringify({ ...card, id: 'seed-1', folder: beside }));
    const asked = ['probe', '--suite', 'identity', '--limit', '1', '--scale', '0.5,1', '--out', 'carded'];
    const planned = otherself(...asked, '--model', 'card.json', '--dry-run', '--json');
    const { run } = JSON.parse(planned.stdout) as { run: Run };
    expect(run.models[1]).toEqual({ ...card, id: 'seed-1' });
    expect(run.models[0]).toMatchObject({ id: 'seed-1@0.5' });
    await writeFile(join(folder, 'card.json'), JSON.stringify({ ...card, graph: 7 }));
    expect(otherself(...asked, '--model', 'card.json')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/card\.json: This is not a model card: .*\n.*graph/),
    });
  });

  it('extends a run, and refuses to mix settings', { timeout }, async () => {
    await cp(join(folder, 'first'), join(folder, 'more'), { recursive: true });
    const extended = otherself('probe', '--out', 'more', '--samples', '3', '--json');
    expect(JSON.parse(extended.stdout)).toMatchObject({ state: 'complete', counts: { total: 24, done: 24 } });
    expect(otherself('probe', '--out', 'more', '--seed', '7')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('more holds a run with seed = 1, and 7 was asked for.'),
    });
  });

  it('judges by batch files, and notes what their calls went without', { timeout }, async () => {
    await cp(join(folder, 'first'), join(folder, 'batch'), { recursive: true });
    const judge = ['judge', 'batch', '--base-url', 'http://127.0.0.1:9/v1', '--model', 'j'];
    const args = [...judge, '--rubric', 'identity-constraint'];
    const written = otherself(...args, '--batch-out', 'calls.jsonl', '--batch-leave-out', 'temperature');
    expect(written).toMatchObject({ status: 0, stdout: '9 calls are in calls.jsonl.\n' });
    const content = '{"reason":"Speaks as a person.","coherent":true,"claimsAi":false}';
    const results = (await linesOf(join(folder, 'calls.jsonl'))).map((line) => {
      const { custom_id } = JSON.parse(line) as { custom_id: string };
      return JSON.stringify({
        custom_id,
        response: { status_code: 200, body: { choices: [{ message: { content } }] } },
      });
    });
    await writeFile(join(folder, 'one.jsonl'), results.slice(0, 4).join('\n'));
    await writeFile(join(folder, 'two.jsonl'), results.slice(4).join('\n'));
    const read = otherself(...args, '--batch-in', 'one.jsonl', '--batch-in', 'two.jsonl', '--json');
    expect(JSON.parse(read.stdout)).toEqual({ verdicts: 9, failed: 0, foreign: 0 });
    const last = (await linesOf(join(folder, 'batch/verdicts.jsonl'))).at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({
      status: 'scored',
      notes: ['Judged by a batch file.', expect.stringContaining('temperature (0) was left out')],
    });
  });

  it('shows the size of a run and collects nothing when asked to', async () => {
    const dry = otherself(...probeArgs, '--out', 'dry', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({ answers: 18 });
    await expect(readFile(join(folder, 'dry/run.json'))).rejects.toThrow('ENOENT');
  });

  it.each([
    [
      ['probe', '--model', 'nope', '--suite', 'identity', '--out', 'x'],
      'There is no model "nope". The catalogue has:',
    ],
    [
      ['probe', '--model', 'mini-base', '--suite', 'nope', '--out', 'x'],
      'There is no suite "nope". Built in:',
    ],
    [
      ['probe', '--model', 'mini-base', '--suite', 'gone.csv', '--out', 'x'],
      'gone.csv cannot be read: there is no such',
    ],
    [['probe', '--model', 'mini-base', '--out', 'x'], 'Name a suite with --suite'],
    [
      ['probe', '--model', 'm', '--suite', 'identity', '--samples', 'many', '--out', 'x'],
      'Give a number from 1',
    ],
    [['probe', '--base-url', 'localhost', '--out', 'x'], 'Give a full address'],
    [['judge', 'gone'], 'gone holds no run.'],
    [['judge', 'gone', '--nonsense'], 'unknown option'],
    [['judge', 'gone', '--batch-leave-out', 'heat'], 'Known: temperature, response_format.'],
    [['import', 'gone.jsonl', '--out', 'x'], 'gone.jsonl cannot be read'],
    [['report', 'gone'], 'gone holds no run.'],
  ])('says what is wrong with %j', (args, sentence) => {
    const { status, stderr } = otherself(...args);
    expect(stderr).toContain(sentence);
    expect(status).toBe(2);
  });

  it('names line and field of a bad suite file', async () => {
    await writeFile(
      join(folder, 'pets.csv'),
      'id,category,text\ncat,pets,Do you purr?\ncat,pets,Do you climb?\n',
    );
    const { status, stderr } = otherself(
      'probe',
      '--model',
      'mini-base',
      '--suite',
      'pets.csv',
      '--out',
      'x',
    );
    expect(stderr).toMatch(/pets\.csv, line 3: id/);
    expect(status).toBe(2);
  });

  it('lists its commands, with examples and exit codes', () => {
    expect(otherself('--help').stdout).toContain('Exit codes:');
    expect(otherself('probe', '--help').stdout).toContain('Examples:');
  });
});
