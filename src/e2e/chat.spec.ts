import { expect, test } from './fixtures.ts';

/** The embedded model loads in seconds, and in many more on a busy machine. */
const answerMs = 120_000;

test('answers on the embedded model, and keeps the chat over a reload', async ({ page }) => {
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
});
