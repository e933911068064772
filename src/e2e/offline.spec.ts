import { createHash } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { serveFolder } from '../../tools/serveFolder.ts';
import { expect, test } from './fixtures.ts';

/** 50 MB of the app and 105 MB of models are stored, and the models answer, on two busy cores. */
const slowMs = 240_000;
const host = '127.0.0.1';
const base = '/any/base/';

test.use({ serviceWorkers: 'allow' });
test.setTimeout(600_000);

async function ask(page: Page, question: string): Promise<void> {
  const settings = page.getByRole('main').getByText('Settings', { exact: true });
  await settings.click();
  await page.getByLabel('Longest answer').fill('8');
  await settings.click();
  const message = page.getByRole('textbox', { name: /^Message/ });
  await message.fill(question);
  await message.press('Enter');
  // The persona's and its base's.
  await expect(page.getByText(/tokens\/s/)).toHaveCount(2, { timeout: slowMs });
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible({ timeout: slowMs });
}

test('chats, runs and shows results with the server gone, after one visit', async ({ page }) => {
  const server = await serveFolder('dist', { host, port: 0, base });
  await page.goto(`${server.url}#/chat`);
  await ask(page, 'What are you?');
  await page.goto(`${server.url}#/settings`);
  // The chat has kept what it loaded. A graph of the base's own is left, less than a megabyte.
  await expect(page.getByText(/Of the embedded models \d+ kB are missing/)).toBeVisible({ timeout: slowMs });
  await page.getByRole('button', { name: 'Fetch all for offline use' }).click();
  await expect(page.getByText(/^Everything is stored on this device/)).toBeVisible({ timeout: slowMs });
  await server.close();

  await page.goto(`${server.url}#/chat`);
  await page.reload();
  // The answers that were stored come with the headers that they came with.
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await ask(page, 'Where do you live?');
  await page.getByRole('button', { name: 'Replay' }).first().click();
  await expect(page.getByText(/^Recorded \d+ \w+ \d{4}/)).toBeVisible();

  await page.goto(`${server.url}#/run/new`);
  await page.getByRole('button', { name: 'None' }).click();
  await page.getByRole('checkbox', { name: /^Identity/ }).check();
  await page.getByLabel('At most, of each suite').fill('1');
  await page.getByText('More settings').click();
  await page.getByLabel('Longest answer').fill('8');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('link', { name: 'See the results' }).first().click({ timeout: slowMs });
  await expect(page.getByRole('table').first()).toBeVisible();
  await page.goto(`${server.url}#/models`);
  await expect(page.getByRole('heading', { name: 'Models' })).toBeVisible();
});

test('fetches what is missing when it is told to', async ({ page }) => {
  const server = await serveFolder('dist', { host, port: 0, base });
  await page.goto(`${server.url}#/settings`);
  const button = page.getByRole('button', { name: 'Fetch all for offline use' });
  await expect(button).toBeVisible({ timeout: slowMs });
  await expect(page.getByText(/Of the embedded models 10\d\.\d MB are missing/)).toBeVisible();
  await page.evaluate(async () => {
    const name = (await caches.keys()).find((key) => key.includes('precache')) ?? '';
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) if (url.includes('RunRoute')) await cache.delete(url);
  });
  await page.reload();
  await expect(page.getByText(/of the app are missing/)).toBeVisible();
  await button.click();
  await expect(page.getByText(/^Everything is stored on this device/)).toBeVisible({ timeout: slowMs });
  await server.close();
});

/** Publishes a site that differs from the build in nothing but a mark in its page. */
async function publishNext(folder: string): Promise<void> {
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const hashesOf = (text: string) => ({
    revision: createHash('md5').update(text).digest('hex'),
    integrity: `sha256-${createHash('sha256').update(text).digest('base64')}`,
  });
  const replaced = (text: string, before: string, after: string) =>
    text
      .replaceAll(hashesOf(before).revision, hashesOf(after).revision)
      .replaceAll(hashesOf(before).integrity, hashesOf(after).integrity);
  const [page, list, worker] = await Promise.all(['index.html', 'offline.json', 'sw.js'].map(read));
  if (!page || !list || !worker) throw new Error('The build lacks a file.');
  const nextPage = page.replace('<head>', '<head><meta name="release" content="next" />');
  const nextList = replaced(list, page, nextPage);
  // Their compressed forms are still the old ones.
  for (const name of ['index.html.br', 'sw.js.br']) await rm(join(folder, name), { force: true });
  await writeFile(join(folder, 'index.html'), nextPage);
  await writeFile(join(folder, 'offline.json'), nextList);
  await writeFile(join(folder, 'sw.js'), replaced(replaced(worker, page, nextPage), list, nextList));
}

test('a new version waits until it is asked for, and for other tabs', async ({ page, context }, testInfo) => {
  const folder = testInfo.outputPath('site');
  await cp('dist', folder, { recursive: true, filter: (source) => !source.endsWith('models') });
  const first = await serveFolder(folder, { host, port: 0, base });
  await page.goto(`${first.url}#/settings`);
  await expect(page.getByText(/^The app is stored on this device/)).toBeVisible({ timeout: slowMs });
  await first.close();
  await publishNext(folder);
  const next = await serveFolder(folder, { host, port: Number(new URL(first.url).port), base });

  await page.evaluate(() => document.body.setAttribute('data-was-here', ''));
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  const line = page.getByRole('banner').getByText('A new version is ready.');
  await expect(line).toBeVisible({ timeout: slowMs });
  await expect(page.locator('body[data-was-here]'), 'the page was not reloaded').toHaveCount(1);
  await page.reload();
  await expect(line).toBeVisible();
  await expect(page.locator('meta[name=release]')).toHaveCount(0);

  const other = await context.newPage();
  await other.goto(`${first.url}#/chat`);
  await expect(other.getByText('A new version is ready.')).toBeVisible();
  await page.getByRole('button', { name: 'Reload to use it' }).click();
  await expect(page.getByText(/open in another tab, too/)).toBeVisible();
  await other.close();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.locator('meta[name=release]')).toHaveCount(1);
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(line).toHaveCount(0);
  await next.close();
});
