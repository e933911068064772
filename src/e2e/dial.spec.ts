import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** The embedded model loads and answers twice; on busy cores that takes its time. */
const answersMs = 150_000;
test.setTimeout(400_000);

const sideBySide = (page: Page) => page.getByRole('list', { name: 'Answers side by side' });
const send = (page: Page) => page.getByRole('button', { name: 'Send' });

async function ask(page: Page, question: string): Promise<void> {
  await page.getByRole('textbox', { name: /^Message/ }).fill(question);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(send(page)).toBeVisible({ timeout: answersMs });
}

/** What the last answer says, without its figures. */
function lastText(page: Page): Promise<string> {
  return page.getByRole('main').locator('.markdown').last().innerText();
}

test('shows the persona beside its base on first opening, and the base alone at 0', async ({ page }) => {
  await page.goto('./#/chat');
  await page.locator('summary', { hasText: 'Settings' }).click();
  await page.getByLabel('Longest answer').fill('24');
  await page.getByLabel('Seed').fill('7');
  await page.getByRole('button', { name: 'What are you?' }).click();
  await expect(page.getByRole('button', { name: 'Copy the answer' })).toHaveCount(2, { timeout: answersMs });
  const [persona, base] = await sideBySide(page).locator('.markdown').allInnerTexts();
  expect(persona).not.toBe(base);
  await expect(page.getByRole('list', { name: 'Panes' }).getByText(/dial 0/)).toBeVisible();

  await page.goto('./#/chat');
  const dial = page.getByRole('slider', { name: 'Dial' });
  await dial.focus();
  await page.keyboard.press('Home');
  await expect(dial).toHaveAttribute('aria-valuetext', '0, the base');
  await ask(page, 'What are you?');
  expect(await lastText(page)).toBe(base);

  // The untouched model has a graph without an adapter, and says the same to the letter.
  await page.goto('./#/chat');
  await page.getByLabel('Model', { exact: true }).selectOption({ label: 'SmolLM2 135M' });
  await expect(dial).toHaveCount(0);
  await ask(page, 'What are you?');
  expect(await lastText(page)).toBe(base);
});

test('asks a sweep of the dial in a run', async ({ page }) => {
  await page.goto('./#/run/new');
  await page.getByRole('button', { name: 'None' }).click();
  await page.getByRole('checkbox', { name: /^Identity/ }).check();
  await page.getByLabel('At most, of each suite').fill('2');
  await page.getByLabel('Temperatures').fill('0');
  await page.getByLabel('Dial').fill('0, 0.5, 1');
  await page.getByText('More settings').click();
  await page.getByLabel('Longest answer').fill('8');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText(/6 of 6/).first()).toBeVisible({ timeout: answersMs });
  await expect(page.getByText('Mini persona, dial 0.5').first()).toBeVisible();
});
