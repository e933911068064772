import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type Page, chromium } from '@playwright/test';
import { type RunFile, writeRunFile } from '../src/core/runFile.ts';
import { buildApp } from '../tools/buildApp.ts';
import { findChromium } from '../tools/chromium.ts';
import { serveFolder } from '../tools/serveFolder.ts';
import type { OpeningGlobal } from './benchPage.ts';
import { largeStudy, singleStudy } from './exampleStudies.ts';
import { browsersProcessorMs, describeMachine, median } from './machine.ts';

const rounds = 5;
const scrolledFrames = 300;
/** As far as a quick turn of the wheel goes. */
const pxAFrame = 120;
/** A frame at 60 a second, and a tenth more for the clock. */
const frameMs = 18.4;

/** Runs of 20,160 answers in the built app: from the address until tables and figures are on screen, and scrolling. */
export async function benchOpening(): Promise<void> {
  await buildApp();
  console.log(`opening: ${describeMachine()}`);
  const server = await serveFolder('dist', { host: '127.0.0.1', port: 0 });
  try {
    for (const study of [singleStudy(), largeStudy()]) await benchStudy(server.url, study);
  } finally {
    await server.close();
  }
}

async function benchStudy(url: string, study: RunFile): Promise<void> {
  console.log(`${study.rollouts.length} answers, ${study.verdicts.length} verdicts, medians of ${rounds}:`);
  const folder = await mkdtemp(join(tmpdir(), 'otherself-opening-'));
  const { executablePath, args, env } = await findChromium();
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...{ executablePath, args: [...args], env, serviceWorkers: 'block' },
  });
  try {
    await context.addInitScript({ path: 'bench/page/openingProbe.js' });
    await storeStudy(context, url, study, join(folder, 'study.jsonl'));
    const results = `#/results/${study.run.id}`;
    await timeOpening(context, url, { name: 'results', address: results, selector: 'td svg circle' });
    const answers = { name: 'answers', address: `${results}?tab=answers`, selector: '[aria-setsize] a' };
    await timeOpening(context, url, answers);
    const report = `${results}?report`;
    await timeOpening(context, url, {
      name: 'report, its first figure',
      address: report,
      selector: 'figure svg',
    });
    const whole = { name: 'report, all of it', address: report, selector: '.sections[aria-busy=false]' };
    await timeOpening(context, url, whole);
    await timeScrolling(context, url, answers);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function storeStudy(context: BrowserContext, url: string, study: RunFile, path: string): Promise<void> {
  await writeFile(
    path,
    [...writeRunFile(study, { exportedAt: study.run.createdAt, tool: 'bench' })].join(''),
  );
  const page = await openApp(context, `${url}#/run`);
  await page.locator('summary', { hasText: 'Import a run' }).click();
  await page.locator('input[type=file][aria-label="Import a run"]').setInputFiles(path);
  await page.getByText(study.run.name).first().waitFor({ timeout: 300_000 });
  await page.close();
}

interface Goal {
  readonly name: string;
  readonly address: string;
  readonly selector: string;
}

/** In a page of its own each time, which has shown the list of runs before. */
async function timeOpening(context: BrowserContext, url: string, { name, ...goal }: Goal): Promise<void> {
  const opened: (Opened & { readonly processorMs: number })[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const page = await openApp(context, `${url}#/results`);
    const beginMs = browsersProcessorMs();
    opened.push({ ...(await openIn(page, goal)), processorMs: browsersProcessorMs() - beginMs });
    await page.close();
  }
  const middle = (read: (one: (typeof opened)[number]) => number) => median(opened.map(read)).toFixed(0);
  const reckoning =
    name === 'report, all of it'
      ? `, all estimates in the worker ${middle((one) => one.reckoningMs)} ms, reading who answers out of the texts ${middle((one) => one.readingMs)} ms`
      : '';
  console.log(
    `  ${name.padEnd(26)} ${middle(({ ms }) => ms).padStart(5)} ms (of the processor, all of the browser: ${middle((one) => one.processorMs)} ms), longest task of the page ${middle((one) => one.longestTaskMs)} ms${reckoning}`,
  );
}

async function timeScrolling(context: BrowserContext, url: string, goal: Goal): Promise<void> {
  const page = await openApp(context, `${url}#/results`);
  await openIn(page, goal);
  const { gaps, longestTaskMs, scrolledPx } = await page.evaluate(
    ([frames, px]) => (globalThis as unknown as OpeningGlobal).openingProbe.scroll(frames, px),
    [scrolledFrames, pxAFrame] as const,
  );
  const late = gaps.filter((gap) => gap > frameMs).length;
  console.log(
    `  scrolling ${scrolledPx} px in ${gaps.length} frames: median ${median(gaps).toFixed(1)} ms, ${late} late, longest ${Math.max(...gaps).toFixed(0)} ms, longest task ${longestTaskMs.toFixed(0)} ms (${describeMachine()})`,
  );
  await page.close();
}

async function openApp(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

type Opened = Awaited<ReturnType<OpeningGlobal['openingProbe']['open']>>;

function openIn(page: Page, { address, selector }: Omit<Goal, 'name'>): Promise<Opened> {
  return page.evaluate(([to, what]) => (globalThis as unknown as OpeningGlobal).openingProbe.open(to, what), [
    address,
    selector,
  ] as const);
}
