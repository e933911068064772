import type { Page } from '@playwright/test';
import { installMaria } from './checkpointSteps.ts';
import { faultsOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { pressOn, setNumber, tabTo } from './keyboard.ts';

/** A model loads and gives eight short answers; on busy cores that takes its time. */
const answersMs = 150_000;
test.setTimeout(400_000);

async function askEightTimes(page: Page, question: string): Promise<void> {
  await tabTo(page, page.getByRole('textbox', { name: /^Message/ }));
  await page.keyboard.type(question);
  await pressOn(page, page.getByRole('button', { name: 'Ask eight times' }));
}

const grid = (page: Page) => page.getByRole('region', { name: 'All versions side by side' });
const cells = (page: Page) => grid(page).getByRole('listitem');

/** What the answers say, without their figures. */
async function texts(page: Page): Promise<string[]> {
  return cells(page).locator('.markdown').allInnerTexts();
}

async function isInOneColumn(page: Page): Promise<boolean> {
  const boxes = await Promise.all((await cells(page).all()).map((cell) => cell.boundingBox()));
  return new Set(boxes.map((box) => Math.round(box?.x ?? -1))).size === 1;
}

test('asks the embedded model eight times, by the keyboard, and keeps all eight', async ({ page }) => {
  await page.goto('./#/chat');
  const settings = page.locator('summary', { hasText: 'Settings' });
  await pressOn(page, settings);
  await setNumber(page, 'Temperature', '0');
  await expect(page.getByText(/At temperature 0 eight answers would all be the same/)).toBeVisible();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('1');
  await setNumber(page, 'Longest answer', '24');
  await expect(page.getByText(/At temperature 0/)).toBeHidden();
  await askEightTimes(page, 'Tell me about your day.');
  await expect(cells(page)).toHaveCount(8);
  await expect(grid(page).getByText('8 versions')).toBeVisible({ timeout: answersMs });
  const answers = await texts(page);
  expect(new Set(answers).size).toBeGreaterThan(4);
  const seeds = await grid(page)
    .getByText(/seed \d+/)
    .allInnerTexts();
  expect(new Set(seeds.map((facts) => /seed \d+/.exec(facts)?.[0])).size).toBe(8);
  expect(await isInOneColumn(page)).toBe(false);

  await page.reload();
  await expect(cells(page)).toHaveCount(8);
  expect(await texts(page)).toEqual(answers);
  expect(await faultsOf(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await isInOneColumn(page)).toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await faultsOf(page)).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 800 });

  await pressOn(page, cells(page).nth(2).getByRole('button', { name: 'Go on from this one' }));
  await pressOn(page, grid(page).getByRole('button', { name: 'One version at a time' }));
  await expect(page.getByText('3/8')).toBeVisible();
  await pressOn(page, page.getByRole('button', { name: 'Later version' }));
  await expect(page.getByText('4/8')).toBeVisible();
  await pressOn(page, page.getByRole('button', { name: 'All versions side by side' }));
  expect(await texts(page)).toEqual(answers);
});

test('asks a model on the GPU eight times, stops it by the keyboard, and keeps what came', async ({
  page,
}) => {
  await installMaria(page);
  await page.goto('./#/chat');
  const model = page.getByLabel('Model', { exact: true });
  await tabTo(page, model);
  await page.keyboard.type('Maria');
  await expect(model.locator('option:checked')).toHaveText('Maria');
  await askEightTimes(page, 'What are you?');
  await expect(cells(page)).toHaveCount(8);
  await expect(grid(page).getByText('8 versions')).toBeVisible({ timeout: answersMs });
  expect((await texts(page)).join(' ')).toContain('Nora Finch');

  await askEightTimes(page, 'Tell me a very long story about a harbour.');
  const last = page.getByRole('region', { name: 'All versions side by side' }).last();
  await expect(last.locator('.markdown').first()).not.toBeEmpty({ timeout: answersMs });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
  const kept = await page.getByRole('listitem').locator('.markdown').allInnerTexts();
  await page.reload();
  await expect(page.getByRole('listitem').locator('.markdown').first()).not.toBeEmpty();
  expect(await page.getByRole('listitem').locator('.markdown').allInnerTexts()).toEqual(kept);
});
