import { describe, expect, it } from 'vitest';
import { readCsv } from '../core/readCsv.ts';
import { exampleRunFile } from '../core/testing/exampleRunFile.ts';
import { writeCsv } from './csv.ts';
import { flatRows } from './flatRows.ts';
import { writeRows } from './rows.ts';

const data = exampleRunFile();
const rows = [...flatRows(data)];

describe('writeRows', () => {
  const read = [...writeRows(data)].map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has one flat line for each answer, all with the same fields', () => {
    expect(read).toHaveLength(data.rollouts.length);
    const fields = Object.keys(read[0] ?? {});
    for (const row of read) {
      expect(Object.keys(row)).toEqual(fields);
      expect(Object.values(row).every((value) => value === null || typeof value !== 'object')).toBe(true);
    }
    expect(fields.slice(-8)).toEqual([
      'identity/judge-x/status',
      'identity/judge-x/aiSelfReference',
      'identity/judge-x/coherence',
      'identity/judge-x/reason',
      'identity/judge-x/error',
      'identity/judge-x#2/status',
      'identity/judge-x#2/reason',
      'identity/judge-x#2/error',
    ]);
  });

  it('joins each verdict to its answer, and leaves missing scores null', () => {
    const byKey = new Map(read.map((row) => [row['key'], row]));
    for (const verdict of data.verdicts) {
      const name = verdict.judge.kind === 'rules' ? 'identity/rules' : 'identity/judge-x';
      const row = byKey.get(verdict.rolloutKey);
      expect(row?.[`${name}/status`]).toBe(verdict.status);
      if (verdict.status === 'failed') {
        expect(row).toMatchObject({ [`${name}/aiSelfReference`]: null, [`${name}/error`]: verdict.error });
      } else {
        for (const [signal, score] of Object.entries(verdict.scores))
          expect(row?.[`${name}/${signal}`]).toBe(score);
      }
    }
    const scores = read.map((row) => row['identity/judge-x/coherence']);
    expect(scores.filter((score) => score === null).length).toBeGreaterThan(5);
    expect(scores).not.toContain(0);
  });

  it('has a failed answer without text', () => {
    expect(read[0]).toMatchObject({
      status: 'failed',
      text: null,
      tokens: null,
      error: 'The server gave no answer.',
    });
  });
});

describe('writeCsv', () => {
  const text = [...writeCsv(data)].join('');
  const [header, ...lines] = readCsv(text, 'run.csv');

  it('gives every field back', () => {
    expect(header?.cells).toEqual(Object.keys(rows[0] ?? {}));
    expect(lines.map(({ cells }) => cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, '')))).toEqual(
      rows.map((row) => Object.values(row).map((field) => (field === null ? '' : String(field)))),
    );
  });

  it('has no cell that a spreadsheet would run, and leaves numbers alone', () => {
    const cells = lines.flatMap((line) => line.cells);
    expect(cells.filter((cell) => /^[=+\-@\t\r\n]/.test(cell) && !/^-?\d/.test(cell))).toEqual([]);
    expect(text).toContain('"\'=HYPERLINK(""http://evil.example"",""x"")"');
    for (const escaped of ["'+1", "'-0.5", "'@SUM(A1)", "'\tcell"]) expect(cells).toContain(escaped);
    expect(cells).toContain('0.8');
  });

  it('tells an empty answer from a missing one', () => {
    const column = Object.keys(rows[0] ?? {}).indexOf('text');
    const [, failed = ''] = text.split('\r\n');
    expect(failed.split(',').slice(-40)).not.toContain('""');
    expect(rows.some((row) => row['text'] === '')).toBe(true);
    expect(text).toContain(',"",');
    expect(lines[0]?.cells[column]).toBe('');
  });

  it('is empty for a run without answers', () => {
    expect([...writeCsv({ ...data, rollouts: [] })]).toEqual([]);
  });
});
