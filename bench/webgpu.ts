import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { findChromium, softwareGpuArgs } from '../tools/chromium.ts';
import convertFixture from '../tools/convertFixture.ts';
import type { WebGpuBench } from './benchPage.ts';
import { describeMachine, median } from './machine.ts';
import { servePage } from './servePage.ts';

const widths = [1, 4, 8, 16];
const rounds = 3;
const maxTokens = 60;
const checkpoints = '.cache/webllm';

/** Batches against web-llm's own completion, on the tiny fixture and a software GPU; prompts included. */
export async function benchWebGpu(): Promise<void> {
  console.log(`webgpu: ${describeMachine()}`);
  if (!existsSync(`${checkpoints}/base/receipt.json`)) await convertFixture();
  const server = await servePage([checkpoints]);
  const { executablePath, args, env } = await findChromium();
  const browser = await chromium.launch({ executablePath, args: [...args, ...softwareGpuArgs], env });
  const sides = [null, ...widths];
  const rates = new Map(sides.map((side) => [side, [] as number[]]));
  try {
    const page = await browser.newPage();
    await page.goto(new URL('webgpu.html', server.url).href);
    const { adapter } = await page.evaluate(
      (asked) => (globalThis as unknown as WebGpuBench).load('models/base/', asked),
      widths,
    );
    // Round 0 warms up. Interleaved, so that a busy moment of the machine hits all of them.
    for (let round = 0; round <= rounds; round++)
      for (const side of sides) {
        const rate = await page.evaluate(
          ([width, seed, tokens]) => (globalThis as unknown as WebGpuBench).answer(width, seed, tokens),
          [side, round, round === 0 ? 3 : maxTokens] as const,
        );
        if (round > 0) rates.get(side)?.push(rate);
      }
    report(adapter, rates);
  } finally {
    await browser.close();
    server.close();
  }
}

function report(adapter: string, rates: ReadonlyMap<number | null, readonly number[]>): void {
  console.log(
    `Chromium, ${adapter}, the fixture, ${maxTokens} tokens an answer, medians of ${rounds} runs, tokens/s (all, in turn):`,
  );
  const own = median(rates.get(null) ?? []);
  for (const [side, values] of rates) {
    const name = side === null ? 'web-llm, one by one' : `batch of ${side}`;
    const all = values.map((value) => value.toFixed(1)).join(', ');
    const ratio = (median(values) / own).toFixed(2);
    console.log(
      `  ${name.padEnd(20)} ${median(values).toFixed(1).padStart(6)} (${all})   ${ratio} of web-llm`,
    );
  }
  console.log(`  (${describeMachine()})`);
}
