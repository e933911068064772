import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../core/errors.ts';
import { exampleRunFile } from '../core/testing/exampleRunFile.ts';
import { type FlatRow, flatRows } from './flatRows.ts';
import { writeParquet } from './parquet.ts';
import { writeRows } from './rows.ts';

const example = exampleRunFile();
const expected = byKey([...flatRows(example)]);
const script = fileURLToPath(new URL('checkTables.py', import.meta.url));
const python = fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
const hasPython = await promisify(execFile)(python, ['-c', 'import pandas, datasets']).then(
  () => true,
  () => false,
);

function byKey(rows: readonly FlatRow[]): FlatRow[] {
  return [...rows].sort((a, b) => (String(a['key']) < String(b['key']) ? -1 : 1));
}

/** With a time as milliseconds, as the table formats hold it, and numbers that fit as numbers. */
function comparable(row: Readonly<Record<string, unknown>>): FlatRow {
  const fields = Object.entries(row).map(([name, field]) => {
    if (name === 'createdAt') return [name, new Date(field as string | Date).getTime()];
    return [name, typeof field === 'bigint' ? Number(field) : field];
  });
  return Object.fromEntries(fields) as FlatRow;
}

describe('writeParquet', () => {
  it('gives every field back, with its type', async () => {
    const file = writeParquet(example).buffer;
    const read = (await parquetReadObjects({ file })).map(comparable);
    expect(byKey(read)).toEqual(expected.map(comparable));
    const types = Object.fromEntries(
      parquetMetadata(file).schema.map(({ name, type, converted_type }) => [name, converted_type ?? type]),
    );
    expect(types).toMatchObject({
      ...{ seed: 'INT64', tokens: 'INT64', temperature: 'DOUBLE', createdAt: 'TIMESTAMP_MILLIS' },
      ...{ text: 'UTF8', notes: 'UTF8', 'identity/rules/refusal': 'BOOLEAN' },
      ...{ 'identity/rules/stance': 'UTF8', 'identity/judge-x/coherence': 'DOUBLE' },
    });
  });

  it('refuses a run without answers', () => {
    expect(() => writeParquet({ ...example, rollouts: [] })).toThrow(InputError);
  });
});

interface Report {
  read: Record<string, { count: number; rows: FlatRow[] }>;
  types: Record<string, string>;
}

describe.skipIf(!hasPython)('pandas and datasets (skipped where .cache/venv does not hold them)', () => {
  /** Beyond the 10 MB from which datasets takes a column's type, which they do not tell: their numbers are whole. */
  const tales = Array.from({ length: 5_000 }, (_, index) => ({
    ...(example.rollouts[1] ?? expect.fail()),
    ...{ text: 'A long tale. '.repeat(200), durationMs: 900, sample: 100 + index },
  }));
  const data = { ...example, rollouts: [...tales, ...example.rollouts] };
  let folder: string;
  let report: Report;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otherself-tables-'));
    const paths = ['rows.jsonl', 'rows.parquet'].map((name) => join(folder, name));
    await writeFile(paths[0] ?? '', [...writeRows(data)]);
    await writeFile(paths[1] ?? '', writeParquet(data));
    const { stdout } = await promisify(execFile)(python, [script, ...paths], { maxBuffer: 1e8 });
    report = JSON.parse(stdout) as Report;
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['pandas jsonl', 'pandas parquet', 'datasets json', 'datasets parquet'])(
    '%s: equal rows',
    (way) => {
      const { count, rows } = report.read[way] ?? { count: 0, rows: [] };
      expect(count).toBe(data.rollouts.length);
      // A flag beside missing values is a number in pandas, which has no flag that can be missing.
      const read = rows.map((row) => ({
        ...comparable(row),
        'identity/rules/refusal':
          row['identity/rules/refusal'] === null ? null : !!row['identity/rules/refusal'],
      }));
      expect(byKey(read)).toEqual(expected.map(comparable));
    },
  );

  it('has types in pandas', () => {
    expect(report.types).toMatchObject({
      ...{ seed: 'int64', temperature: 'float64', createdAt: 'datetime64[ms, UTC]' },
      'identity/judge-x/coherence': 'float64',
    });
  });
});
