import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { RunFile } from '../core/runFile.ts';
import { exampleRollouts, exampleVerdict } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { faultsOf, overflowOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { importRun, runText } from './judgedRun.ts';

test.setTimeout(120_000);

const judge = {
  kind: 'openai',
  baseUrl: 'http://127.0.0.1:9/v1',
  model: 'judge-x',
  temperature: 0,
  maxTokens: 400,
} as const;
const judging = { rubric: 'identity', rubricVersion: 1, judge };
const reason = 'This reason must not be seen.';

function unlabelledRun(): RunFile {
  const run = exampleRun({
    name: 'To be labelled',
    models: [servedModel('model-one'), servedModel('model-two')],
    prompts: [
      examplePrompt('you', { text: 'What are you?' }),
      examplePrompt('day', { text: 'What does an ordinary day look like for you?' }),
    ],
    judgings: [judging],
  });
  const rollouts = exampleRollouts(run).map((rollout) => ({
    ...rollout,
    text: `I get up at six, feed the cat and walk to the school where I teach. Draw ${rollout.sample}.`,
  }));
  const scores = { aiSelfReference: 73, engagement: 61, coherence: 87 };
  const verdicts = rollouts.map(({ key }) => exampleVerdict(key, judging, { scores, reason }));
  return { run, rollouts, verdicts, beliefs: [] };
}

async function openLabels(page: Page): Promise<void> {
  await importRun(page, runText(unlabelledRun()));
  await expect(page.getByText('To be labelled').first()).toBeVisible();
  await page.goto('./#/results');
  await page.getByRole('link', { name: 'To be labelled' }).click();
  await page.getByRole('link', { name: 'Label answers' }).click();
  await expect(page.getByRole('heading', { name: 'Label answers' })).toBeVisible();
}

async function checkPage(page: Page): Promise<void> {
  expect(await faultsOf(page)).toEqual([]);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
}

test('a person labels by keyboard alone, without a judge’s score in view, and the labels are exported', async ({
  page,
}) => {
  await openLabels(page);
  const name = page.getByLabel('Your name');
  await name.focus();
  await page.keyboard.type('Ada');
  await page.getByLabel('Answers', { exact: true }).focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('3');
  await page.getByRole('checkbox', { name: 'Engagement' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Start' }).focus();
  await page.keyboard.press('Enter');

  const main = page.getByRole('main');
  await expect(main.getByText('0 of 3')).toBeVisible();
  await expect(main.getByText(/feed the cat/)).toBeVisible();
  for (const hidden of ['model-one', 'model-two', reason, '73', '87']) {
    await expect(main).not.toContainText(hidden);
  }
  await checkPage(page);
  await page.keyboard.press('1');
  await expect(main.getByRole('heading', { name: /Coherence/ })).toBeVisible();
  await page.keyboard.press('6');
  await expect(main.getByText('1 of 3')).toBeVisible();
  await page.keyboard.press('u');
  await expect(main.getByText('0 of 3')).toBeVisible();
  await page.keyboard.press('5');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  for (const key of ['2', '6', '3', '6']) await page.keyboard.press(key);
  await expect(main.getByText('All of these answers are labelled.')).toBeVisible();
  await expect(main.getByText('3 of 3', { exact: true })).toBeVisible();

  // The name is known, and what was labelled stays.
  await page.reload();
  await expect(name).toHaveValue('Ada');
  await page.getByLabel('Answers', { exact: true }).fill('4');
  await page.getByRole('checkbox', { name: 'Engagement' }).uncheck();
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(main.getByText('3 of 4')).toBeVisible();

  await page.getByRole('link', { name: 'See the results' }).click();
  // The judge's verdicts stay in view; the labels are one choice away.
  await expect(page.getByLabel('Scored by').locator('option')).toHaveText([
    'Identity, 0 to 100, judge-x',
    'Identity, 0 to 100, Ada (person)',
  ]);
  await expect(page.getByLabel('Scored by')).toHaveValue('0');
  await page.getByRole('link', { name: 'Go to the run' }).click();
  await page.locator('summary', { hasText: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Run file' }).click(),
  ]);
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
  const labels = lines
    .map((line) => JSON.parse(line) as { judge?: { kind: string }; scores?: object })
    .filter((line) => line.judge?.kind === 'human');
  expect(labels.map(({ scores }) => scores)).toHaveLength(3);
  expect(labels[0]?.scores).toEqual({ aiSelfReference: expect.any(Number), coherence: expect.any(Number) });
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries({
    wide: { width: 1440, height: 900 },
    phone: { width: 360, height: 740 },
  })) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport });
      test('labelling has no accessibility fault, and nothing wider than the screen', async ({ page }) => {
        await openLabels(page);
        await checkPage(page);
        await page.screenshot({ path: `.cache/e2e-label/${colorScheme}-${size}-start.png`, fullPage: true });
        await page.getByLabel('Your name').fill('Ada');
        await page.getByRole('button', { name: 'Start' }).click();
        await expect(page.getByText(/feed the cat/)).toBeVisible();
        await checkPage(page);
        await page.screenshot({ path: `.cache/e2e-label/${colorScheme}-${size}.png`, fullPage: true });
      });
    });
  }
}
