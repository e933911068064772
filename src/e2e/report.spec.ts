import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { exampleStudy } from '../core/testing/exampleStudy.ts';
import type { Rubric } from '../core/rubric.ts';
import type { RunFile } from '../core/runFile.ts';
import type { Suite } from '../core/suite.ts';
import { expectNoFault } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { importRun, runText } from './judgedRun.ts';

/** Nothing here waits for a model; a busy machine is slow all the same. */
test.setTimeout(300_000);

const readData = async <Data>(name: string) =>
  JSON.parse(await readFile(`src/suites/${name}.json`, 'utf8')) as Data;
const suites = [await readData<Suite>('identity'), await readData<Suite>('politics')];
const rubrics = await Promise.all(
  ['identity', 'identity-constraint', 'politics'].map((name) => readData<Rubric>(`rubrics/${name}`)),
);

const study = exampleStudy({ suites, rubrics, promptsPerSuite: 20, judges: ['judge-a', 'judge-b'] });

async function importStudy(page: Page, file: RunFile): Promise<void> {
  await importRun(page, runText(file));
  await expect(page.getByText('Example study').first()).toBeVisible();
}

async function saved(page: Page, button: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return readFile(await download.path());
}

test('a stored run reads as a report with figures, which can be saved', async ({ page }) => {
  await importStudy(page, study);
  await page.goto('./#/results/study?judging=0');
  await page.getByRole('link', { name: 'Report with figures' }).click();
  const newest = page.getByRole('region', { name: 'Politics, judged by judge-b', exact: true });
  await expect(newest.getByRole('img', { name: 'Position' })).toBeVisible();

  await page
    .getByLabel('Numbers of', { exact: true })
    .selectOption({ label: 'Identity, 0 to 100, judged by judge-a' });
  const identity = page.getByRole('region', { name: 'Identity, 0 to 100, judged by judge-a', exact: true });
  const figure = identity.getByRole('img', { name: 'AI self-reference' });
  await expect(figure).toContainText('Maria');
  await expect(identity).toContainText('n = 80 answers to 20 prompts a line.');
  // Ascending: what is read without a judge, and what compares judgings, stands there too.
  for (const title of ['Who answers', 'Rewards side by side', 'Agreement of judges'])
    await expect(page.getByRole('region', { name: title }).getByRole('img').first()).toBeVisible();
  await expectNoFault(page);

  const svg = (
    await saved(page, identity.getByRole('button', { name: 'SVG of AI self-reference' }))
  ).toString();
  expect(svg).toMatch(/^<svg xmlns/);
  expect(svg).toContain('>AI self-reference</text>');
  expect(svg).toMatch(/<text [^>]*>[^<]*n = 80 answers/);
  expect(svg).not.toContain('var(');
  expect(svg).toContain('rgb(173, 67, 38)');
  const png = await saved(page, identity.getByRole('button', { name: 'PNG of AI self-reference' }));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  // Width and height in the header; a picture of one colour packs into next to nothing.
  expect(png.readUInt32BE(16)).toBe(3 * 672);
  expect(png.length).toBeGreaterThan(20_000);

  await identity.locator('summary', { hasText: 'Table' }).click();
  const csv = (await saved(page, identity.getByRole('button', { name: 'CSV of Identity' }))).toString();
  expect(csv).toMatch(/^model,suite,rows,measure,value,95 %,basis\r\nbase,identity,direct,/);
});

test('the report follows its choices, by keyboard and address', async ({ page }) => {
  await importStudy(page, study);
  await page.goto('./#/results/study?report&judging=0&measure=engagement');
  const identity = page.getByRole('region', { name: 'Identity, 0 to 100, judged by judge-a', exact: true });
  await expect(identity.getByRole('img')).toHaveCount(1);
  await expect(page.getByRole('region', { name: /against the base, Base 7B/ })).toBeVisible();
  await page.getByLabel('Base', { exact: true }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('region', { name: /against the base, Maria/ })).toBeVisible();
  await expect(page).toHaveURL(/base=maria/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/by=/);
  await page.goBack();
  await expect(page).not.toHaveURL(/report/);
});

test('on a phone, at night, nothing is wider than the screen', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await importStudy(page, study);
  await page.goto('./#/results/study?report');
  await expect(page.getByRole('img').last()).toBeVisible();
  await expect(page.locator('.sections')).toHaveAttribute('aria-busy', 'false');
  await expectNoFault(page);
});

test('a run that nobody has judged says so, and who answers', async ({ page }) => {
  await importStudy(page, { ...study, run: { ...study.run, judgings: [] }, verdicts: [] });
  await page.goto('./#/results/study?report');
  await expect(page.getByRole('heading', { name: 'No judge has scored this run' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Who answers' })).toContainText('most often “Maria”');
  await page.goto('./#/results/none?report');
  await expect(page.getByRole('heading', { name: 'This run is not here' })).toBeVisible();
});
