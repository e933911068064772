import { faultsOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';

// What works without a network is the service worker's.
test.use({ serviceWorkers: 'allow' });

test('looks at everything a talk needs, mends what is missing, and is ready with the network off', async ({
  page,
}) => {
  await page.goto('./#/stage');
  // By keyboard alone.
  await page.getByRole('link', { name: 'Check everything' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Not looked at yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Check everything' }).focus();
  await page.keyboard.press('Enter');

  const row = (title: string) => page.getByRole('listitem').filter({ hasText: title });
  // The embedded models were never loaded, so they are not stored yet.
  await expect(row('Without a network')).toContainText('are not stored on this device yet');
  await expect(row('Recordings')).toContainText('0 of 128 answers are recorded');
  await expect(row('Mini persona')).toContainText(/Answers on .*, \d+ tokens\/s\./, {
    timeout: 120_000,
  });
  await expect(page.getByRole('status').filter({ hasText: 'Not ready: one thing to fix.' })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);

  await row('Without a network').getByRole('button', { name: 'Fetch what is missing' }).click();
  await expect(row('Without a network')).toContainText('The app and its embedded models are stored', {
    timeout: 120_000,
  });
  await expect(page.getByText(/^Ready with the network off\./)).toBeVisible();
});

test('says which model of a talk is not on this device', async ({ page }) => {
  await page.goto('./#/preflight/none');
  await expect(page.getByText('This talk is not on this device')).toBeVisible();
});
