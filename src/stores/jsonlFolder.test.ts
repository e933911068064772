import { spawn } from 'node:child_process';
import { appendFile, chmod, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../core/ports/store.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { describeStore } from '../core/testing/storeContract.ts';
import { openJsonlFolder } from './jsonlFolder.ts';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'otherself-store-'));

describeStore('openJsonlFolder', async () => {
  const path = await newFolder();
  const open = (): Promise<Store> => openJsonlFolder(path, { create: true });
  return { store: await open(), openAgain: open, remove: () => rm(path, { recursive: true }) };
});

describe('a run folder', () => {
  const run = exampleRun();
  const rollouts = exampleRollouts(run);
  const entries = rollouts.map((rollout) => [rollout.key, rollout] as const);
  const [first, second, third] = entries as [(typeof entries)[0], (typeof entries)[0], (typeof entries)[0]];
  let path: string;
  let file: string;
  let notes: string[];
  const open = (create = true): Promise<Store> =>
    openJsonlFolder(path, { create, onNote: (note) => notes.push(note) });
  const lines = async (): Promise<string[]> => (await readFile(file, 'utf8')).split('\n');

  beforeEach(async () => {
    path = await newFolder();
    file = join(path, 'rollouts.jsonl');
    notes = [];
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  it('holds run.json and one record a line, and no leftovers', async () => {
    const store = await open();
    await store.put('runs', [[run.id, run]]);
    await store.put('rollouts', [first, second]);
    await store.put('rollouts', [third]);
    expect(JSON.parse(await readFile(join(path, 'run.json'), 'utf8'))).toEqual(run);
    expect((await lines()).slice(0, 3).map((line): unknown => JSON.parse(line))).toEqual(
      rollouts.slice(0, 3),
    );
    expect((await readdir(path)).sort()).toEqual(['rollouts.jsonl', 'run.json']);
  });

  it('holds one run only', async () => {
    const store = await open();
    await store.put('runs', [[run.id, run]]);
    const other = { ...run, id: 'other' };
    await expect(store.put('runs', [[other.id, other]])).rejects.toThrow('run.json is another run.');
    expect(await store.get('runs', [run.id])).toEqual([run]);
  });

  it('passes over a half-written last line, and sets it aside before it writes', async () => {
    await (await open()).put('rollouts', [first, second]);
    const half = JSON.stringify(third[1]).slice(0, 99);
    await appendFile(file, half);
    const store = await open();
    expect(await store.keys('rollouts')).toEqual([first[0], second[0]]);
    expect((await lines()).at(-1)).toBe(half);
    await store.put('rollouts', [third]);
    expect(await store.get('rollouts', [third[0]])).toEqual([third[1]]);
    expect(await (await open()).keys('rollouts')).toEqual([first[0], second[0], third[0]]);
    expect(await readFile(`${file}.partial`, 'utf8')).toBe(`${half}\n`);
    expect(notes).toEqual([
      expect.stringContaining('was half-written: its process was ended. It was moved to'),
    ]);
  });

  it('takes a last record whose line end an editor removed', async () => {
    await (await open()).put('rollouts', [first, second]);
    await writeFile(file, (await readFile(file, 'utf8')).trimEnd());
    const store = await open();
    expect(await store.keys('rollouts')).toEqual([first[0], second[0]]);
    await store.put('rollouts', [third]);
    expect(await (await open()).keys('rollouts')).toEqual([first[0], second[0], third[0]]);
    expect(notes).toEqual([]);
  });

  it.each([
    ['not JSON', 'x', 'line 2: this line is not valid JSON. Nothing was changed.'],
    ['another record', '{"key":"a"}', 'line 2: this line has a wrong field: status'],
    ['a list', '[]', 'line 2: this line is not a record.'],
  ])('names the line of a broken record in the middle: %s', async (_, broken, sentence) => {
    await (await open()).put('rollouts', [first, second]);
    const [one, two] = await lines();
    const text = `${one}\n${broken}\n${two}\n`;
    await writeFile(file, text);
    const store = await open();
    const error: unknown = await store.keys('rollouts').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'InputError',
      message: expect.stringContaining(`${file}, ${sentence}`),
    });
    await expect(store.put('rollouts', [third])).rejects.toThrow('line 2');
    expect(await readFile(file, 'utf8')).toBe(text);
    await writeFile(file, `${one}\n${two}\n`);
    expect(await store.keys('rollouts')).toEqual([first[0], second[0]]);
  });

  it('names a line that is not UTF-8', async () => {
    await writeFile(file, Buffer.from([0x7b, 0xff, 0x0a]));
    await expect((await open()).keys('rollouts')).rejects.toThrow('line 1: this line is not valid UTF-8.');
  });

  it('counts lines rightly after a record without a line end', async () => {
    await writeFile(file, JSON.stringify(first[1]));
    const store = await open();
    await store.keys('rollouts');
    await appendFile(file, '\nbroken\n');
    await expect(store.keys('rollouts')).rejects.toThrow('line 2: this line is not valid JSON');
  });

  it('refuses a record that could not be read again, or under a wrong key', async () => {
    const store = await open();
    await expect(store.put('rollouts', [[first[0], { ...first[1], tokens: -1 }]])).rejects.toThrow('tokens');
    await expect(store.put('rollouts', [[second[0], first[1]]])).rejects.toThrow('under another key');
    expect(await readdir(path)).toEqual([]);
  });

  it('reads a missing folder as empty, and does not make it', async () => {
    await rm(path, { recursive: true });
    const store = await open(false);
    expect(await store.keys('runs')).toEqual([]);
    expect(await store.keys('rollouts')).toEqual([]);
    await expect(store.put('rollouts', [first])).rejects.toThrow('there is no such folder');
  });

  it('refuses a file in place of the folder', async () => {
    await writeFile(join(path, 'file'), '');
    await expect(openJsonlFolder(join(path, 'file'), { create: true })).rejects.toThrow(
      expect.objectContaining({ name: 'StoreError' }),
    );
  });

  it.skipIf(process.getuid?.() === 0)('says that a folder may not be written', async () => {
    const store = await open();
    await chmod(path, 0o500);
    await expect(store.put('rollouts', [first])).rejects.toThrow(
      'this is not allowed. Choose a folder of yours',
    );
    await chmod(path, 0o700);
  });

  it.skipIf(process.platform !== 'linux')('says that the disk is full', async () => {
    await symlink('/dev/full', file);
    await expect((await open()).put('rollouts', [first])).rejects.toThrow('the disk is full. Free space');
  });

  it('takes over the lock of a process that has ended, and of an earlier process of the same number', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('exit', resolve));
    const lockFile = join(path, 'run%3A1.lock');
    for (const pid of [child.pid, process.pid]) {
      await writeFile(lockFile, JSON.stringify({ pid, host: hostname(), since: '2026-01-01' }));
      const release = await (await open()).lock('run:1');
      expect(release).not.toBeNull();
      release?.();
    }
    expect(await readdir(path)).toEqual([]);
  });

  it('leaves the lock of a living process and of another machine alone, and names them', async () => {
    const lockFile = join(path, 'run%3A1.lock');
    for (const [pid, host] of [
      [process.ppid, hostname()],
      [1, 'elsewhere'],
    ]) {
      await writeFile(lockFile, JSON.stringify({ pid, host, since: '2026-01-01' }));
      expect(await (await open()).lock('run:1')).toBeNull();
    }
    expect(notes[1]).toBe(
      `Process 1 on elsewhere has held ${lockFile} since 2026-01-01. If it no longer runs, delete that file.`,
    );
  });

  it('loses no acknowledged record when its process is killed while it writes', async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      for (const key of await writeUntilKilled(path, round)) acknowledged.add(key);
      const store = await open();
      expect(await store.lock('run:killed').then((release) => release?.())).toBeUndefined();
      const stored = new Set(await store.keys('rollouts'));
      expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
    }
    expect(acknowledged.size).toBeGreaterThan(12);
  }, 60_000);
});

/** Runs a process that writes answers without end, kills it, and gives the keys it had been told are stored. */
function writeUntilKilled(path: string, round: number): Promise<string[]> {
  const script = new URL('testing/writeEndlessly.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, String(round)]);
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.stdout.on('data', (data: Buffer) => {
      if (output === '') setTimeout(() => child.kill('SIGKILL'), 7 * round);
      output += data.toString();
    });
    child.on('close', (code) => {
      if (code === null) resolve(output.split('\n').slice(0, -1));
      else reject(new Error(`The writer ended by itself: ${errors}`));
    });
  });
}
