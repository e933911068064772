import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../tools/chromium.ts';
import type { StorageBackend, StorageGlobal } from './benchPage.ts';
import { describeMachine, median } from './machine.ts';
import { servePage } from './servePage.ts';

const backends: readonly StorageBackend[] = ['IndexedDB', 'Cache API', 'OPFS'];

const shardMib = 32;
const shards = 8;
const rounds = 3;

interface Rates {
  /** MiB per second. */
  readonly write: number[];
  readonly read: number[];
}

/** Where a browser could keep a checkpoint: writing and reading shards of 32 MiB. */
export async function benchStorage(): Promise<void> {
  console.log(`storage: ${describeMachine()}`);
  const rates = new Map<StorageBackend, Rates>(backends.map((backend) => [backend, { write: [], read: [] }]));
  const server = await servePage([]);
  try {
    // Interleaved, so that a busy moment of the machine hits all of them.
    for (let round = 0; round < rounds; round++)
      for (const [backend, { write, read }] of rates) {
        const measured = await measure(new URL('storage.html', server.url).href, backend);
        write.push(measured.write);
        read.push(measured.read);
      }
  } finally {
    server.close();
  }
  console.log(
    `Chromium, ${shards} shards of ${shardMib} MiB, medians of ${rounds} runs, MiB/s (all, in turn):`,
  );
  for (const [backend, { write, read }] of rates) {
    console.log(`  ${backend.padEnd(10)} write ${listed(write)}   read ${listed(read)}`);
  }
}

function listed(values: readonly number[]): string {
  return `${median(values).toFixed(0)} (${values.map((value) => value.toFixed(0)).join(', ')})`;
}

/** With a profile on the disk: a private one may stay in memory. */
async function measure(url: string, backend: StorageBackend): Promise<{ write: number; read: number }> {
  const { executablePath, args, env } = await findChromium();
  const profile = await mkdtemp(join(tmpdir(), 'otherself-storage-'));
  const open = () => chromium.launchPersistentContext(profile, { executablePath, args: [...args], env });
  try {
    // Another process reads than wrote, so nothing is left in the browser's own memory.
    let context = await open();
    const write = await work(await visit(context.pages()[0], url), backend, 'write');
    await context.close();
    context = await open();
    const read = await work(await visit(context.pages()[0], url), backend, 'read');
    await context.close();
    return { write, read };
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

async function visit(page: Page | undefined, url: string): Promise<Page> {
  if (!page) throw new Error('The browser opened no page.');
  await page.goto(url);
  return page;
}

async function work(page: Page, backend: StorageBackend, task: 'write' | 'read'): Promise<number> {
  const ms = await page.evaluate((asked) => (globalThis as unknown as StorageGlobal).moveShards(asked), {
    backend,
    task,
    bytes: shardMib * 2 ** 20,
    shards,
  });
  return (1000 * shardMib * shards) / ms;
}
