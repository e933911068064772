import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Sixty-four answers on two cores, and several times that on a busy machine. */
const runMs = 400_000;
test.setTimeout(600_000);

/** The number before "of 64". */
async function storedAnswers(page: Page): Promise<number> {
  const text = await page
    .getByText(/\d+ of 64/)
    .first()
    .innerText();
  return Number(/(\d+) of 64/.exec(text)?.[1]);
}

test('survives a killed tab, goes on where it was, and ends in a result', async ({ page, context }) => {
  await page.goto('./#/run');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect.poll(() => storedAnswers(page), { timeout: runMs }).toBeGreaterThan(3);
  const before = await storedAnswers(page);
  const address = page.url();
  await page.close();

  const again = await context.newPage();
  await again.goto(address);
  await expect(again.getByText(/\d+ of 64/).first()).toBeVisible();
  expect(await storedAnswers(again)).toBeGreaterThanOrEqual(before);
  await again
    .getByRole('button', { name: /Resume|Go on|Continue/ })
    .first()
    .click();
  await expect.poll(() => storedAnswers(again), { timeout: runMs }).toBe(64);

  await again.getByRole('link', { name: 'See the results' }).first().click();
  await expect(again.getByText(/claims to be an AI in/).first()).toBeVisible({ timeout: 60_000 });
});
