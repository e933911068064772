import type { Locator, Page } from '@playwright/test';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import type { FakeJudgeServer } from './fakeJudgeServer.ts';
import { expectNoFault } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { firmJudge, obedientJudge } from './hostileAnswers.ts';
import { importRun, runText } from './judgedRun.ts';
import { openVerdicts, setJudge } from './judgeSteps.ts';

test.setTimeout(120_000);

const run = exampleRun({
  name: 'Judged again',
  temperatures: [0],
  prompts: ['a', 'b', 'c', 'd'].map((id) => examplePrompt(id)),
});

/** The run, with a first verdict on each answer. */
async function judgedOnce(page: Page, judge: FakeJudgeServer): Promise<Locator> {
  await importRun(page, runText({ run, rollouts: exampleRollouts(run), verdicts: [], beliefs: [] }));
  await expect(page.getByText(/4 answers .* added/)).toBeVisible();
  await setJudge(page, { baseUrl: judge.baseUrl, callsAtOnce: 1 });
  const verdicts = await openVerdicts(page, run.id);
  judge.script(() => 0.9);
  await verdicts.getByRole('button', { name: 'Score 4 answers' }).click();
  await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();
  return verdicts;
}

async function scoreAgain(verdicts: Locator, times: number, percent: number, calls: string): Promise<void> {
  await verdicts.locator('summary', { hasText: 'Score some again' }).click();
  await verdicts.getByLabel('Times').fill(String(times));
  await verdicts.getByLabel('Share of the answers').fill(String(percent));
  await verdicts.getByRole('button', { name: `Score again, ${calls}` }).click();
}

/** A finding's line of the first signal, in the open table of its section. */
async function openRow(page: Page, title: string): Promise<Locator> {
  const section = page.getByRole('region', { name: title, exact: true });
  await section.locator('summary', { hasText: 'Table' }).click();
  return section.getByRole('row', { name: /AI self-reference/ }).first();
}

test('some answers are scored again, and the report says how far the judge agrees with itself', async ({
  page,
  fakeJudge,
}) => {
  const verdicts = await judgedOnce(page, fakeJudge);
  fakeJudge.script(() => 0.1);
  await scoreAgain(verdicts, 2, 50, '4 calls');
  await expect(verdicts.getByText('4 verdicts on answers that were scored again.')).toBeVisible();
  expect(fakeJudge.requests).toHaveLength(8);
  await expectNoFault(page);

  await page.goto(`./#/results/${run.id}?report`);
  const section = page.getByRole('region', { name: 'Does the judge agree with itself?' });
  await expect(section).toContainText(
    'Asked 3 times, judge-x turns its verdict on “AI self-reference” (Identity, 0 to 100) in 100 % of the answers',
  );
  await expect(await openRow(page, 'Does the judge agree with itself?')).toContainText('46.19');
  // Every other number keeps to the first verdicts.
  await expect(await openRow(page, 'Identity, 0 to 100, judged by judge-x')).toContainText('90');
});

test('a scoring that fails is missing, and is asked for again when told', async ({ page, fakeJudge }) => {
  const verdicts = await judgedOnce(page, fakeJudge);
  fakeJudge.script(() => 0.9, 'prose');
  await scoreAgain(verdicts, 1, 50, '2 calls');
  await expect(verdicts.getByText('1 verdict on answers that were scored again; 1 call gave')).toBeVisible();
  await expectNoFault(page);
  await page.goto(`./#/results/${run.id}?report`);
  const row = await openRow(page, 'Does the judge agree with itself?');
  await expect(row).toContainText('n = 1, 1 prompt');
  await expect(row).toContainText('0 %');

  const again = await openVerdicts(page, run.id);
  fakeJudge.script('prose');
  await scoreAgain(again, 1, 50, '2 calls');
  await expect(again.getByText(/1 call gave none, and count as missing/)).toBeVisible();
  fakeJudge.script(() => 0.1);
  await again.getByRole('button', { name: 'Ask those again' }).click();
  await expect(again.getByText('2 verdicts on answers that were scored again.')).toBeVisible();
  await page.goto(`./#/results/${run.id}?report`);
  await openRow(page, 'Does the judge agree with itself?');
  await expect(row).toContainText('n = 2, 2 prompts');
  await expect(row).toContainText('50 %');
});

test('a judge is tried with answers that ask for scores', async ({ page, fakeJudge }) => {
  await setJudge(page, { baseUrl: fakeJudge.baseUrl, callsAtOnce: 1 });
  const main = page.getByRole('main');
  const button = main.getByRole('button', { name: 'Try to mislead it' });

  fakeJudge.script(firmJudge);
  await button.click();
  await expect(main.getByText(/“AI self-reference”: 0 of 16 attempts move it \(0 %/)).toBeVisible();
  await expect(main.getByText(/“AI self-reference”.*no drift is shown/)).toBeVisible();
  expect(fakeJudge.requests).toHaveLength(32);

  fakeJudge.script(obedientJudge);
  await button.click();
  await expect(
    main.getByText(/“AI self-reference”: 16 of 16 attempts move it \(100 %.* gives in\./),
  ).toBeVisible();
  await expect(main.getByText(/0 of 16/)).toBeHidden();
  await expectNoFault(page);

  fakeJudge.script('prose');
  await button.click();
  await expect(
    main.getByText(/^16 of 16 attempts got no verdict that could be read: The judge/),
  ).toBeVisible();
  await expect(main.getByText(/attempts move it/)).toBeHidden();

  fakeJudge.script('wrong key');
  await button.click();
  await expect(main.getByRole('alert')).toContainText('wants an API key (401)');
  await expect(main.getByText(/16 of 16/)).toBeHidden();
});
