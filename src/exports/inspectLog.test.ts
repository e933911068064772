import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleRunFile } from '../core/testing/exampleRunFile.ts';
import { writeInspectLogs } from './inspectLog.ts';
import { joinVerdicts, scoreOf } from './joinVerdicts.ts';

interface Sample {
  id: string;
  epoch: number;
  completion: string;
  roles: string[];
  target: string;
  error: string | null;
  scores: Record<string, unknown>;
  explanations: Record<string, string>;
}
interface Result {
  scored: number;
  unscored: number;
  metrics: { mean?: number; stderr?: number };
}
interface Report {
  warnings: string[];
  version: number;
  status: string;
  task: string;
  model: string;
  summaries: number;
  total: number;
  samples: Sample[];
  stated: Record<string, Result>;
  recomputed: Record<string, Result>;
}

const data = exampleRunFile();
const script = fileURLToPath(new URL('checkInspectLog.py', import.meta.url));
const python = fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
const hasInspect = await canImport();

async function canImport(): Promise<boolean> {
  return promisify(execFile)(python, ['-c', 'import inspect_ai.log']).then(
    () => true,
    () => false,
  );
}

describe('writeInspectLogs', () => {
  it('has one log for each model, with a sample for each of its answers', () => {
    const logs = writeInspectLogs(data);
    expect(logs.map(({ model }) => model)).toEqual(['one', 'two']);
    for (const { model, text } of logs) {
      const log = JSON.parse(text.replaceAll('NaN', 'null')) as { samples: { id: string; epoch: number }[] };
      const own = data.rollouts.filter((rollout) => rollout.model === model);
      expect(log.samples.map(({ id, epoch }) => `${id} ${epoch}`)).toEqual(
        own.map(({ promptId, temperature, sample }) => `${promptId}@${temperature} ${sample + 1}`),
      );
    }
  });

  it('has the temperature in its settings when there is one, and says when answers are missing', () => {
    const run = { ...data.run, temperatures: [0.8] };
    const rollouts = data.rollouts.filter(({ temperature, sample }) => temperature === 0.8 && sample < 2);
    const [log] = writeInspectLogs({ ...data, run, rollouts }).map(({ text }): unknown =>
      JSON.parse(text.replaceAll('NaN', 'null')),
    );
    expect(log).toMatchObject({
      status: 'cancelled',
      eval: { model_generate_config: { temperature: 0.8 }, config: { epochs: 3 } },
      samples: expect.arrayContaining([expect.objectContaining({ id: 'you', epoch: 2 })]),
    });
  });

  it('keeps the times of tokens where Inspect keeps what else a model says', () => {
    const timed = { tokenTimesMs: [40, 80.5], tokenEnds: [3, 9] };
    const [first] = data.rollouts.filter(({ status }) => status === 'done');
    const rollouts = data.rollouts.map((rollout) => (rollout === first ? { ...first, ...timed } : rollout));
    const [log] = writeInspectLogs({ ...data, rollouts }).map(({ text }): unknown =>
      JSON.parse(text.replaceAll('NaN', 'null')),
    );
    const metadata = { token_times_ms: [40, 80.5], token_ends: [3, 9] };
    expect(log).toMatchObject({
      samples: expect.arrayContaining([
        expect.objectContaining({ output: expect.objectContaining({ metadata }) }),
      ]),
    });
  });
});

describe.skipIf(!hasInspect)('inspect_ai (skipped where .cache/venv does not hold it)', () => {
  let folder: string;
  let report: Report;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otherself-inspect-'));
    const path = join(folder, 'one.json');
    await writeFile(path, writeInspectLogs(data)[0]?.text ?? '');
    const { stdout } = await promisify(execFile)(python, [script, path], { maxBuffer: 1e8 });
    report = JSON.parse(stdout) as Report;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const own = data.rollouts.filter(({ model }) => model === 'one');

  it('opens the log without a warning', () => {
    expect(report).toMatchObject({
      warnings: [],
      version: 2,
      status: 'success',
      task: 'identity',
      model: 'one',
    });
    expect(report).toMatchObject({ summaries: own.length, total: own.length });
  });

  it('sees every answer, and the failed one as an error', () => {
    const texts = own.map((rollout) => (rollout.status === 'done' ? rollout.text : ''));
    const sorted = [...report.samples].sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
    const expected = own
      .map(({ promptId, temperature, sample }, index) => ({
        id: `${promptId}@${temperature}`,
        epoch: sample + 1,
        completion: texts[index],
      }))
      .sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
    expect(sorted).toEqual(expected.map((sample): unknown => expect.objectContaining(sample)));
    expect(report.samples.filter(({ error }) => error !== null)).toEqual([
      expect.objectContaining({ error: 'The server gave no answer.', roles: ['system', 'user'], scores: {} }),
    ]);
    expect(report.samples.find(({ id }) => id === 'robot@0')).toMatchObject({
      target: 'yes',
      roles: ['system', 'user', 'assistant'],
    });
  });

  it('sees the same scores, failed verdicts as unscored, and none where none is', () => {
    for (const rollout of own) {
      const sample = report.samples.find(
        ({ id, epoch }) =>
          id === `${rollout.promptId}@${rollout.temperature}` && epoch === rollout.sample + 1,
      );
      const expected: [string, unknown][] = joinVerdicts(data).flatMap(({ name, signals, verdictOn }) =>
        signals.flatMap((signal): [string, unknown][] => {
          const verdict = verdictOn(rollout);
          const score = verdict?.status === 'failed' ? 'unscored' : scoreOf(verdict, signal);
          return score === undefined ? [] : [[`${name}/${signal}`, score]];
        }),
      );
      expect(sample?.scores).toEqual(Object.fromEntries(expected));
    }
    const values = report.samples.flatMap(({ scores }) => Object.values(scores));
    expect(new Set(values.map((value) => typeof value))).toEqual(new Set(['number', 'string', 'boolean']));
    expect(values).toContain('unscored');
  });

  it('computes the same means and standard errors as we state', () => {
    expect(Object.keys(report.stated)).toEqual([
      'identity/rules/refusal',
      'identity/judge-x/aiSelfReference',
      'identity/judge-x/coherence',
    ]);
    for (const [name, stated] of Object.entries(report.stated)) {
      const theirs = report.recomputed[name];
      expect(stated).toEqual({
        scored: theirs?.scored,
        unscored: theirs?.unscored,
        metrics: {
          mean: expect.closeTo(theirs?.metrics.mean ?? NaN, 10),
          stderr: expect.closeTo(theirs?.metrics.stderr ?? NaN, 10),
        },
      });
    }
  });
});

function keyOf({ id, epoch }: { id: string; epoch: number }): string {
  return `${id} ${epoch}`;
}
