import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LlamaServer, hasLlamaServer, startLlamaServer } from '../../tools/llamaServer.ts';

const launcher = join(import.meta.dirname, '../../bin/otherself.js');

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

    /** Not spawnSync: the server's output has to be read meanwhile. */
    async function otherself(...args: string[]) {
      const child = spawn(process.execPath, [launcher, ...args], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      const status = await new Promise((resolve) => child.on('close', resolve));
      return { status, stdout, stderr };
    }

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
      const served = ['judge', 'who', '--rubric', 'portrait', '--base-url', url, '--model', model];

      const calls = await otherself(...served, '--batch-out', 'who.jsonl');
      expect(calls.stdout).toBe('2 calls are in who.jsonl.\n');
      expect(await readFile(join(folder, 'who.jsonl'), 'utf8')).toContain(
        '"being":{"type":["string","null"]',
      );

      const judged = await otherself(...served, '--repeats', '1', '--repeat-share', '0.3', '--json');
      const passes = JSON.parse(judged.stdout) as {
        outcome: { counts: { total: number; scored: number } };
      }[];
      expect(passes.map(({ outcome }) => outcome.counts.total)).toEqual([2, 1]);
      // So small a model may talk until it is cut.
      expect(passes[0]?.outcome.counts.scored).toBeGreaterThan(0);

      const told = await otherself('report', 'who', '--json');
      const { portraits, portraitAgreement } = JSON.parse(told.stdout) as {
        portraits: { reader: string; answers: number }[];
        portraitAgreement: { judge: string; trait: { id: string } }[];
      };
      expect(portraits).toMatchObject([
        { reader: model, answers: passes[0]?.outcome.counts.scored },
        { reader: 'patterns', answers: 2 },
      ]);
      expect(portraitAgreement.map(({ judge, trait }) => `${judge} ${trait.id}`)).toContain(`${model} name`);

      expect((await otherself('export', 'who', '--format', 'csv', '--out', 'who.csv')).status).toBe(0);
      expect((await readFile(join(folder, 'who.csv'), 'utf8')).split('\n')[0]).toContain(
        `portrait/${model}/kind`,
      );
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
