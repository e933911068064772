import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LlamaServer, hasLlamaServer, startLlamaServer } from '../../tools/llamaServer.ts';
import { runOtherself } from '../../tools/runOtherself.ts';

/** The command line against llama.cpp's real server, as model and as judge. */
describe.skipIf(!hasLlamaServer())(
  'otherself with a served model (needs Python)',
  { timeout: 300_000 },
  () => {
    let server: LlamaServer;
    let folder = '';

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'otherself-served-'));
      server = await startLlamaServer();
    }, 120_000);
    afterAll(async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const otherself = (...args: string[]) => runOtherself(args, { cwd: folder });

    const probe = [
      'probe',
      '--suite',
      'identity',
      '--limit',
      '3',
      '--temperature',
      '0',
      '--max-tokens',
      '24',
    ];

    it('probes a served model, and has a served judge score it by structured output', async () => {
      const { baseUrl: url, model } = server;
      const probed = await otherself(...probe, '--base-url', url, '--model', model, '--out', 'served');
      expect(probed).toMatchObject({ status: 0, stdout: 'All 3 answers are in served.\n' });

      const judged = await otherself(
        'judge',
        'served',
        '--base-url',
        url,
        '--model',
        model,
        '--rubric',
        'identity-constraint',
        '--json',
      );
      const [result] = JSON.parse(judged.stdout) as {
        outcome: { counts: { total: number; scored: number } };
      }[];
      expect(result?.outcome.counts).toMatchObject({ total: 3, scored: 3 });
      const lines = (await readFile(join(folder, 'served/verdicts.jsonl'), 'utf8')).trimEnd().split('\n');
      for (const line of lines) {
        expect(JSON.parse(line)).toMatchObject({
          status: 'scored',
          scores: { coherent: expect.any(Boolean) },
        });
      }

      const again = await otherself(
        'judge',
        'served',
        '--base-url',
        url,
        '--model',
        model,
        '--rubric',
        'identity-constraint',
      );
      expect(again.stderr).toContain('3 answers have a verdict');
      expect((await otherself('report', 'served')).stdout).toContain(model);
    });

    it('has a judge note who answers, and tells it beside the patterns and in a table', async () => {
      const { baseUrl: url, model } = server;
      const two = ['--limit', '2', '--base-url', url, '--model', model, '--out', 'who'];
      const probed = await otherself(...probe, ...two);
      expect(probed.status).toBe(0);
      const by = ['--base-url', url, '--model', model, '--max-tokens', '250'];
      const served = ['judge', 'who', '--rubric', 'portrait', ...by];

      const calls = await otherself(...served, '--batch-out', 'who.jsonl');
      expect(calls.stdout).toBe('2 calls are in who.jsonl.\n');
      expect(await readFile(join(folder, 'who.jsonl'), 'utf8')).toContain(
        '"being":{"type":["string","null"]',
      );

      const judge = async (...flags: string[]) => {
        const judged = await otherself(...served, ...flags, '--json');
        const passes = JSON.parse(judged.stdout) as {
          outcome: { counts: { total: number; scored: number } };
        }[];
        return passes.map(({ outcome }) => outcome.counts);
      };
      const passes = await judge('--repeats', '1', '--repeat-share', '0.3');
      expect(passes.map(({ total }) => total)).toEqual([2, 1]);
      let scored = passes[0]?.scored ?? 0;
      // So small a model may talk until it is cut. Asked again, it reads another fence and says something else.
      for (let tries = 0; tries < 10 && scored === 0; tries++)
        scored = (await judge('--retry-failed'))[0]?.scored ?? 0;
      expect(scored).toBeGreaterThan(0);

      const told = await otherself('report', 'who', '--json');
      const { portraits, portraitAgreement } = JSON.parse(told.stdout) as {
        portraits: { reader: string; answers: number }[];
        portraitAgreement: { judge: string; trait: { id: string } }[];
      };
      expect(portraits).toMatchObject([
        { reader: model, answers: scored },
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
      const judge = ['judge', 'trust', '--base-url', url, '--rubric', 'identity-constraint', '--json'];
      const countsOf = ({ stdout }: { stdout: string }) =>
        (JSON.parse(stdout) as { outcome: { counts: object } }[]).map(({ outcome }) => outcome.counts);
      const repeated = await otherself(...judge, '--model', model, '--repeats', '1', '--repeat-share', '0.5');
      expect(countsOf(repeated)).toMatchObject([
        { total: 3, scored: 3 },
        { total: 2, scored: 2 },
      ]);
      const second = await otherself(...judge, '--model', 'another-name');
      expect(countsOf(second)).toMatchObject([{ total: 3, scored: 3 }]);

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
  },
);
