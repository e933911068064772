import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { RunFile } from '../core/runFile.ts';
import { exampleRollouts, exampleVerdict } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { expectNoFault } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { importRun, runText } from './judgedRun.ts';
import { openVerdicts, setJudge } from './judgeSteps.ts';

test.setTimeout(300_000);

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

interface ExportedLine {
  readonly judge?: { readonly kind: string; readonly name?: string; readonly model?: string };
  readonly scores?: object;
}

/** The run file, with the export open. */
async function exportedLines(page: Page): Promise<ExportedLine[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Run file' }).click(),
  ]);
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as ExportedLine);
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
  await expectNoFault(page);
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
  const labels = (await exportedLines(page)).filter((line) => line.judge?.kind === 'human');
  expect(labels.map(({ scores }) => scores)).toHaveLength(3);
  expect(labels[0]?.scores).toEqual({ aiSelfReference: expect.any(Number), coherence: expect.any(Number) });
});

async function startAs(page: Page, name: string): Promise<void> {
  await page.goto('./#/results/run-1?label');
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Start' }).click();
}

async function giveLabels(page: Page, count: number): Promise<void> {
  const main = page.getByRole('main');
  await expect(main.getByText('0 of 16')).toBeVisible();
  for (let label = 0; label < count; label += 1) {
    for (const key of ['1', '2', '6']) await page.keyboard.press(key);
    await expect(main.getByText(`${label + 1} of 16`)).toBeVisible();
  }
}

test('people label in two tabs while a judge scores the same answers, and nothing is lost', async ({
  page,
  context,
  fakeJudge,
}) => {
  await importRun(page, runText(unlabelledRun()));
  await expect(page.getByText('To be labelled').first()).toBeVisible();
  await setJudge(page, { baseUrl: fakeJudge.baseUrl, model: 'judge-y', callsAtOnce: 1 });
  await openVerdicts(page, 'run-1');
  fakeJudge.script('slow');
  await page.getByRole('button', { name: 'Score 16 answers' }).click();
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();

  await startAs(page, 'Ada');
  await giveLabels(page, 2);
  const other = await context.newPage();
  await startAs(other, 'Ada');
  await expect(other.getByRole('alert')).toContainText('Ada is labelling this run in another tab.');
  await other.getByLabel('Your name').fill('Grace');
  await other.getByRole('button', { name: 'Start' }).click();
  await expect(other.getByRole('alert')).toBeHidden();
  await giveLabels(other, 3);
  // All of that while the judge was at work.
  expect(fakeJudge.requests.length).toBeLessThan(16);
  fakeJudge.script('good');
  await openVerdicts(page, 'run-1');
  await expect(page.getByText('Every answer has a verdict.')).toBeVisible();

  await page.reload();
  await page.locator('summary', { hasText: 'Export' }).click();
  const verdicts = (await exportedLines(page)).flatMap(({ judge: by }) => (by ? [by.name ?? by.model] : []));
  const countOf = (name: string) => verdicts.filter((each) => each === name).length;
  expect(['judge-x', 'judge-y', 'Ada', 'Grace'].map(countOf)).toEqual([16, 16, 2, 3]);
  // The lock went with the page: Ada goes on in the other tab.
  await other.reload();
  await startAs(other, 'Ada');
  await expect(other.getByRole('main').getByText('2 of 16')).toBeVisible();
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
        await expectNoFault(page);
        await page.screenshot({ path: `.cache/e2e-label/${colorScheme}-${size}-start.png`, fullPage: true });
        await page.getByLabel('Your name').fill('Ada');
        await page.getByRole('button', { name: 'Start' }).click();
        await expect(page.getByText(/feed the cat/)).toBeVisible();
        await expectNoFault(page);
        await page.screenshot({ path: `.cache/e2e-label/${colorScheme}-${size}.png`, fullPage: true });
      });
    });
  }
}
