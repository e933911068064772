import type { BrowserContext, Page } from '@playwright/test';
import { installMaria } from './checkpointSteps.ts';
import { expect, test } from './fixtures.ts';

/** The answers themselves take seconds; loading and timing the model on a software GPU takes longer. */
const loadMs = 120_000;
test.setTimeout(300_000);

/** A busy machine's timing may find fewer worthwhile. */
const rows = 16;

interface StoredAnswer {
  readonly key: string;
  readonly status: string;
  readonly promptId: string;
  readonly temperature: number;
  readonly sample: number;
  readonly engine?: { readonly width: number };
}

/** All stored answers, byte for byte: key and JSON. */
async function storedAnswers(page: Page): Promise<Map<string, string>> {
  const records = await page.evaluate(
    () =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open('otherself-rollouts');
        opening.onerror = () => reject(opening.error ?? new Error('not opened'));
        opening.onsuccess = () => {
          const asked = opening.result.transaction('records').objectStore('records').getAll();
          asked.onerror = () => reject(asked.error ?? new Error('not read'));
          asked.onsuccess = () => resolve(asked.result);
        };
      }),
  );
  return new Map(records.map((record) => [(record as StoredAnswer).key, JSON.stringify(record)]));
}

/** Has the model load with so many rows, as its worker may be told. */
async function forceRows(context: BrowserContext): Promise<void> {
  await context.addInitScript((count) => {
    const post = Reflect.get(Worker.prototype, 'postMessage') as (this: Worker, message: unknown) => void;
    Worker.prototype.postMessage = function (this: Worker, message: unknown) {
      const { method, params } = message as { method?: string; params?: { card?: { engine?: string } } };
      const isModel = method === 'load' && params?.card?.engine === 'webllm';
      post.call(this, isModel ? { ...(message as object), params: { ...params, rows: count } } : message);
    };
  }, rows);
}

async function countOf(page: Page): Promise<{ done: number; total: number }> {
  const text = await page
    .getByText(/^\d+ of \d+ answers/)
    .first()
    .innerText();
  const [, done, total] = /(\d+) of (\d+)/.exec(text) ?? [];
  return { done: Number(done), total: Number(total) };
}

test('a run in batches whose tab crashes keeps every finished answer, and goes on with the rest', async ({
  page,
  context,
}) => {
  await forceRows(context);
  await installMaria(page);
  await page.goto('./#/run/new');
  await page.getByRole('checkbox', { name: /Mini persona/ }).uncheck();
  await page.getByRole('checkbox', { name: /Mistral 7B, persona/ }).check();
  await page.getByRole('button', { name: 'None' }).click();
  await page.getByRole('checkbox', { name: /^Identity/ }).check();
  await page.getByLabel('At most, of each suite').fill('8');
  await page.getByLabel('Temperatures').fill('1');
  await page.getByLabel('Samples').fill('10');
  await page.getByText('More settings').click();
  await page.getByLabel('Longest answer').fill('60');
  await page.getByRole('button', { name: 'Start' }).click();

  const making = page.locator('dl').getByText(/^\d+ of \d+ answers$/);
  await expect(making).toBeVisible({ timeout: loadMs });
  await expect(page.getByText(/^\d+(\.\d)? a second$/)).toBeVisible();
  await expect(page.getByText(`${rows} of ${rows} answers`, { exact: true })).toBeVisible();
  await expect.poll(async () => (await countOf(page)).done, { intervals: [100] }).toBeGreaterThan(10);
  const address = page.url();
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;

  const again = await context.newPage();
  await again.goto(address);
  await expect(again.getByRole('button', { name: 'Resume' })).toBeVisible();
  const { done, total } = await countOf(again);
  const kept = await storedAnswers(again);
  expect(kept.size).toBe(done);
  expect(done).toBeGreaterThan(10);
  expect(done).toBeLessThan(total);

  await again.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(async () => (await countOf(again)).done, { timeout: loadMs }).toBe(total);
  const all = await storedAnswers(again);
  expect(all.size).toBe(total);
  for (const [key, json] of kept) expect(all.get(key)).toBe(json);
  const answers = [...all.values()].map((json) => JSON.parse(json) as StoredAnswer);
  expect(answers.every(({ status }) => status === 'done')).toBe(true);
  const cells = answers.map(({ promptId, temperature, sample }) => `${promptId} ${temperature} ${sample}`);
  expect(new Set(cells).size).toBe(total);
  expect(Math.max(...answers.map(({ engine }) => engine?.width ?? 0))).toBe(rows);
});
