import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LlamaServer, hasLlamaServer, llamaTests, startLlamaServer } from '../../tools/llamaServer.ts';
import { runOtherself } from '../../tools/runOtherself.ts';

/** The command line against llama.cpp's real server, as model and as judge. */
describe.skipIf(!hasLlamaServer())('otherself with a served model (needs Python)', llamaTests, () => {
  let server: LlamaServer;
  let folder = '';

  beforeAll(async () => {
    server = await startLlamaServer();
  }, 120_000);
  afterAll(() => server?.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otherself-served-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const otherself = (...args: string[]) => runOtherself(args, { cwd: folder });

  const probe = ['probe', '--suite', 'identity', '--limit', '3', '--temperature', '0', '--max-tokens', '24'];

  interface Counts {
    readonly total: number;
    readonly scored: number;
  }

  /**
   * What each pass of a judging counts in the end. So small a model may talk until it is cut: what failed is asked again,
   * for with another fence it says something else.
   */
  const judge = async (args: readonly string[], isEnough = isAllScored): Promise<readonly Counts[]> => {
    const countsOf = async (...more: string[]) => {
      const { stdout } = await otherself('judge', ...args, '--json', ...more);
      return (JSON.parse(stdout) as { outcome: { counts: Counts } }[]).map(({ outcome }) => outcome.counts);
    };
    let counts = await countsOf();
    for (let tries = 0; tries < 10 && !isEnough(counts); tries += 1)
      counts = await countsOf('--retry-failed');
    return counts;
  };
  const isAllScored = (counts: readonly Counts[]) => counts.every(({ total, scored }) => scored === total);

  it('probes a served model, and has a served judge score it by structured output', async () => {
    const { baseUrl: url, model } = server;
    const probed = await otherself(...probe, '--base-url', url, '--model', model, '--out', 'served');
    expect(probed).toMatchObject({ status: 0, stdout: 'All 3 answers are in served.\n' });

    const served = ['served', '--base-url', url, '--model', model, '--rubric', 'identity-constraint'];
    expect(await judge(served)).toMatchObject([{ total: 3, scored: 3 }]);
    const lines = (await readFile(join(folder, 'served/verdicts.jsonl'), 'utf8')).trimEnd().split('\n');
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        status: 'scored',
        scores: { coherent: expect.any(Boolean) },
      });
    }

    const again = await otherself('judge', ...served);
    expect(again.stderr).toContain('3 answers have a verdict');
    expect((await otherself('report', 'served')).stdout).toContain(model);
  });

  it('has a judge note who answers, and tells it beside the patterns and in a table', async () => {
    const { baseUrl: url, model } = server;
    const two = ['--limit', '2', '--base-url', url, '--model', model, '--out', 'who'];
    const probed = await otherself(...probe, ...two);
    expect(probed.status).toBe(0);
    const by = ['--base-url', url, '--model', model, '--max-tokens', '250'];
    const served = ['who', '--rubric', 'portrait', ...by];

    const calls = await otherself('judge', ...served, '--batch-out', 'who.jsonl');
    expect(calls.stdout).toBe('2 calls are in who.jsonl.\n');
    expect(await readFile(join(folder, 'who.jsonl'), 'utf8')).toContain('"being":{"type":["string","null"]');

    const [first, second, ...others] = await judge(
      [...served, '--repeats', '1', '--repeat-share', '0.3'],
      ([counts]) => counts !== undefined && counts.scored > 0,
    );
    expect([first?.total, second?.total, others]).toEqual([2, 1, []]);
    expect(first?.scored).toBeGreaterThan(0);

    const told = await otherself('report', 'who', '--json');
    const { portraits, portraitAgreement } = JSON.parse(told.stdout) as {
      portraits: { reader: string; answers: number }[];
      portraitAgreement: { judge: string; trait: { id: string } }[];
    };
    expect(portraits).toMatchObject([
      { reader: model, answers: first?.scored },
      { reader: 'patterns', answers: 2 },
    ]);
    expect(portraitAgreement.map(({ judge, trait }) => `${judge} ${trait.id}`)).toContain(`${model} name`);

    expect((await otherself('export', 'who', '--format', 'csv', '--out', 'who.csv')).status).toBe(0);
    expect((await readFile(join(folder, 'who.csv'), 'utf8')).split('\n')[0]).toContain(
      `portrait/${model}/kind`,
    );
  });

  it('scores again, and by a second judge, and the report compares them', async () => {
    const { baseUrl: url, model } = server;
    await otherself(...probe, '--base-url', url, '--model', model, '--out', 'trust');
    const trust = ['trust', '--base-url', url, '--rubric', 'identity-constraint'];
    const repeated = [...trust, '--model', model, '--repeats', '1', '--repeat-share', '0.5'];
    expect(await judge(repeated)).toMatchObject([
      { total: 3, scored: 3 },
      { total: 2, scored: 2 },
    ]);
    expect(await judge([...trust, '--model', 'another-name'])).toMatchObject([{ total: 3, scored: 3 }]);

    const { repeats, judges } = JSON.parse((await otherself('report', 'trust', '--json')).stdout) as {
      repeats: { judge: string; scorings: number; flips: { n: number } }[];
      judges: { judges: string[]; alphas: { estimate: { n: number } }[] }[];
    };
    expect(repeats).toHaveLength(2);
    for (const repeat of repeats) {
      expect(repeat).toMatchObject({ judge: model, scorings: 2, flips: { n: 2 } });
    }
    expect(judges).toHaveLength(2);
    for (const each of judges) {
      expect(each.judges).toEqual([model, 'another-name']);
      expect(each.alphas[0]?.estimate.n).toBe(3);
    }
  });

  it('says that a server is not there, and keeps what it has', async () => {
    const lost = await otherself(
      ...probe,
      '--base-url',
      'http://127.0.0.1:9/v1',
      '--model',
      'x',
      '--out',
      'lost',
    );
    expect(lost.status).toBe(1);
    expect(lost.stdout).toMatch(/127\.0\.0\.1:9.*0 of 3 answers are stored/s);
  });
});
