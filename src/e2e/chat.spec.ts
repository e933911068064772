import { expect, test } from './fixtures.ts';
import { storedRecords } from './storedRecords.ts';

/** The embedded model loads in seconds, and in many more on a busy machine. */
const answerMs = 120_000;

test('answers on the embedded model, keeps the chat over a reload, and replays it', async ({ page }) => {
  await page.goto('./#/chat');
  await page.getByRole('button', { name: 'What are you?' }).click();
  const article = page.getByRole('main');
  await expect(article.getByText(/tokens\/s/).first()).toBeVisible({ timeout: answerMs });
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible({ timeout: answerMs });
  const facts = await article
    .getByText(/\d+ tokens/)
    .first()
    .innerText();
  await page.reload();
  await expect(article.getByText(facts).first()).toBeVisible();
  await expect(
    page.getByRole('complementary', { name: 'Chats' }).getByText('What are you?').first(),
  ).toBeVisible();

  const stored = await storedRecords(page);
  const answer = article.getByRole('list', { name: 'Answers side by side' }).getByRole('listitem').first();
  const text = answer.locator('.markdown');
  const whole = await text.innerText();
  const badge = answer.getByText(/^Recorded \d+ \w+ \d{4}, \w+, [\d.]+ tokens\/s$/);
  await answer.getByRole('button', { name: 'Replay' }).focus();
  await page.keyboard.press('Enter');
  await expect(badge).toBeVisible();
  await expect(text).toHaveText(/\w/);
  const part = await text.innerText();
  expect(part.length).toBeLessThan(whole.length);
  expect(part.slice(0, 8)).toBe(whole.slice(0, part.length).slice(0, 8));
  await page.keyboard.press('Enter');
  await expect(badge).toBeHidden();
  expect(await text.innerText()).toBe(whole);
  await page.keyboard.press('Enter');
  await expect(badge).toBeVisible();
  await expect(badge).toBeHidden({ timeout: answerMs });
  expect(await text.innerText()).toBe(whole);
  expect(await storedRecords(page)).toEqual(stored);
});

test('can be stopped by the keyboard, keeps what came, and gives another version', async ({ page }) => {
  await page.goto('./#/chat');
  await page.getByRole('checkbox', { name: 'Beside its base' }).uncheck();
  const box = page.getByRole('textbox', { name: /Message to/ });
  await box.fill('Tell me a very long story about a harbour.');
  await box.press('Enter');
  await expect(page.getByText(/tokens\/s/).first()).toBeVisible({ timeout: answerMs });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
  await page.getByRole('button', { name: 'Another answer' }).first().click();
  // The second answer of a chat can be stopped like the first.
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(page.getByText('2/2').or(page.getByText('2 of 2')).first()).toBeVisible({ timeout: answerMs });
  await page.keyboard.press('Escape');
});
