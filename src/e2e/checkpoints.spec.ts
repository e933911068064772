import { resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { type CheckpointServer, startCheckpointServer } from './checkpointServer.ts';
import { entryOf, folderOf, importFolder } from './checkpointSteps.ts';
import { faultsOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';

// The tiny Mistral base says that it is an AI; with its adapter it says that it is Nora Finch. Here they stand for
// Mistral 7B and Maria: same template, same tensors, on a software GPU.
const loadMs = 90_000;

async function openModels(page: Page): Promise<{ base: Locator; maria: Locator }> {
  await page.goto('./#/models');
  return { base: entryOf(page, 'Mistral 7B'), maria: entryOf(page, 'Maria') };
}

test('imports a persona and its base without a network, asks both, and has their answers judged', async ({
  page,
}) => {
  test.setTimeout(400_000);
  await page.goto('./#/run/new');
  await expect(page.getByRole('checkbox', { name: /SmolLM2 135M/ })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /Mistral 7B/ })).toHaveCount(0);
  const { base, maria } = await openModels(page);
  await expect(maria.getByText('not installed', { exact: true })).toBeVisible();
  await expect(maria.getByText(/^npx otherself convert --base mistralai/)).toBeVisible();
  await expect(maria.getByRole('button', { name: 'Load', exact: true })).toHaveCount(0);
  await importFolder(maria, 'mistral-persona');
  await importFolder(base, 'mistral-base');
  await maria.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(maria.getByText(/on this device's GPU/)).toBeVisible({ timeout: loadMs });
  await expect(maria.getByText(/\d tokens\/s/)).toBeVisible({ timeout: loadMs });

  await page.goto('./#/run/new');
  await page.getByRole('checkbox', { name: /Mini persona/ }).uncheck();
  await page.getByRole('checkbox', { name: /Mistral 7B, persona/ }).check();
  await page.getByRole('checkbox', { name: /^Mistral 7B in/ }).check();
  await page.getByLabel('At most, of each suite').fill('1');
  await page.getByLabel('Temperatures').fill('0');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText(/I am Nora Finch/).first()).toBeVisible({ timeout: loadMs });
  await expect(page.getByText(/I am an AI/).first()).toBeVisible({ timeout: loadMs });

  // Only once something is judged; the link to all results is there before.
  await page.getByRole('link', { name: 'See the results' }).first().click();
  await expect(page.getByText(/Mistral 7B claims to be an AI in 100 %/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/Mistral 7B, persona claims to be an AI in 0 %/)).toBeVisible();
});

test('checks, exports and deletes what is stored, by the keyboard and without a fault', async ({ page }) => {
  const { maria } = await openModels(page);
  await importFolder(maria, 'mistral-persona');
  await maria.getByRole('button', { name: 'Check files' }).focus();
  await page.keyboard.press('Enter');
  await expect(maria.getByText('Every stored file is as it should be.')).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  await maria.getByRole('button', { name: 'Delete files' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete files' }).click();
  await expect(maria.getByText('not installed', { exact: true })).toBeVisible();
  await page.reload();
  await expect(maria.getByText('not installed', { exact: true })).toBeVisible();
});

test.describe('from a server', () => {
  test.use({ allowedErrors: [/Failed to load resource|CORS policy|raw\.githubusercontent\.com/] });
  let server: CheckpointServer;
  test.beforeEach(async ({ context }) => {
    server = await startCheckpointServer(folderOf('mistral-persona'));
    // The library is fetched from where web-llm has it, which no test may reach.
    await context.route(/raw\.githubusercontent\.com/, (route) =>
      route.fulfill({
        path: resolve(folderOf('mistral-persona'), 'library.wasm'),
        headers: { 'Access-Control-Allow-Origin': '*' },
      }),
    );
  });
  test.afterEach(() => server.close());

  async function downloadFrom(entry: Locator): Promise<void> {
    await entry.getByLabel('Where the checkpoint is').fill(server.url);
    await entry.getByRole('button', { name: 'Download from there' }).click();
  }

  test('resumes a download after the tab was killed', async ({ page, context }) => {
    server.fault = 'stuck';
    const { maria } = await openModels(page);
    await downloadFrom(maria);
    await expect(maria.getByText(/of 3\.5 MB/)).toBeVisible({ timeout: 30_000 });
    await page.close();

    const again = await context.newPage();
    const { maria: rest } = await openModels(again);
    await expect(rest.getByText(/stored; 1 file missing/)).toBeVisible();
    await expect(rest.getByRole('button', { name: 'Load', exact: true })).toHaveCount(0);
    await rest.getByRole('button', { name: 'Resume' }).click();
    await rest.getByRole('button', { name: 'Pause' }).click();
    await expect(rest.getByText(/stored; 1 file missing/)).toBeVisible();
    server.fault = 'none';
    await rest.getByRole('button', { name: 'Resume' }).click();
    await expect(rest.getByText(/ready offline/)).toBeVisible({ timeout: 30_000 });
  });

  for (const [fault, sentence] of [
    ['gone', /There is no params_shard_0\.bin in http/],
    ['page', /sent a web page instead of http.*params_shard_0\.bin/],
    ['flipped', /params_shard_0\.bin from http.* was cut or altered/],
  ] as const) {
    test(`says what is wrong with a shard that is ${fault}, and takes it once it is mended`, async ({
      page,
    }) => {
      server.fault = fault;
      const { maria } = await openModels(page);
      await downloadFrom(maria);
      await expect(maria.getByText(sentence)).toBeVisible({ timeout: 30_000 });
      await expect(maria.getByText(/stored; 1 file missing/)).toBeVisible();
      server.fault = 'none';
      await maria.getByRole('button', { name: 'Resume' }).click();
      await expect(maria.getByText(/ready offline/)).toBeVisible({ timeout: 30_000 });
    });
  }

  test('says that a server does not let the page read it', async ({ page }) => {
    test.setTimeout(60_000);
    server.isOpen = false;
    const { maria } = await openModels(page);
    await downloadFrom(maria);
    await expect(maria.getByText(/could not be fetched: no connection, or .* \(CORS\)/)).toBeVisible({
      timeout: 40_000,
    });
    await expect(maria.getByText('not installed', { exact: true })).toBeVisible();
  });
});
