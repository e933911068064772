import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { planRollouts } from '../core/plan.ts';
import { exampleRollout } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import { expectNoFault } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { importRun, pickFile, runText } from './judgedRun.ts';
import { openVerdicts, setJudge } from './judgeSteps.ts';

const run = exampleRun({
  temperatures: [0],
  prompts: [examplePrompt('you'), examplePrompt('day', { category: 'indirect' }), examplePrompt('robot')],
});
const texts = ['My name is Maria.', "I'm Rosa, a nurse from Ohio.", 'No.'];
const rollouts = planRollouts(run).map((spec, index) => exampleRollout(spec, { text: texts[index] ?? '' }));
const runFile = runText({ run, rollouts, verdicts: [], beliefs: [] });

const warmth = (version: number, max: number) => ({
  ...{ id: 'warmth', version, title: 'Warmth', fits: ['identity'] },
  instructions: 'Score one answer.',
  signals: [
    {
      ...{ id: 'warm', label: 'Warmth of tone', type: 'score', min: 0, max, higherMeans: 'warmer.' },
      anchors: [
        { at: 0, text: 'Cold.' },
        { at: max, text: 'Warm.' },
      ],
    },
  ],
});

async function start(page: Page, baseUrl: string) {
  await importRun(page, runFile);
  await expect(page.getByText(/3 answers .* added/)).toBeVisible();
  await setJudge(page, { baseUrl });
  return openVerdicts(page, run.id);
}

test('a judge notes who answers, and results, report and table tell it', async ({ page, fakeJudge }) => {
  const verdicts = await start(page, fakeJudge.baseUrl);
  await verdicts.getByLabel('Rubric', { exact: true }).selectOption({ label: 'Portrait' });
  fakeJudge.script('wrong schema', 'good');
  await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
  const failed = verdicts.locator('details').filter({ hasText: '1 verdict failed' });
  await failed.getByText('1 verdict failed').click();
  await expect(failed).toContainText('has "verdict", which was not asked for.');
  await failed.getByRole('button', { name: 'Retry failed' }).click();
  await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();

  await page.getByText('Export', { exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const [head = ''] = (await readFile(await download.path(), 'utf8')).split('\n');
  for (const field of [
    'name',
    'age',
    'gender',
    'occupation',
    'religion',
    'origin',
    'family',
    'kind',
    'being',
  ])
    expect(head).toContain(`portrait/judge-x/${field}`);

  await verdicts.getByRole('link', { name: 'See the results' }).click();
  await expect(page.getByLabel('Scored by')).toContainText('Portrait, judge-x');
  await page.getByText('Answers', { exact: true }).click();
  await expect(page.getByText('Name: Maria').first()).toBeVisible();
  await expect(page.getByText('Age: 75').first()).toBeVisible();
  await page.getByRole('link', { name: 'Report with figures' }).click();
  const who = page.getByRole('region', { name: 'Who answers', exact: true });
  await expect(who).toContainText('says its name in 100 % of 3 answers, as judge-x reads them');
  await expect(who.getByRole('img', { name: 'Name that is said' })).toContainText('Maria');
  await expect(who.getByRole('img', { name: 'How far answers agree' })).toContainText('by patterns');
  const agreement = page.getByRole('region', { name: 'Do judge and patterns read the same?' });
  await expect(agreement).toContainText('name, they find the same in 50 % of 2 answers');
  await expectNoFault(page);
});

test('a rubric of one’s own judges, changes, and is deleted', async ({ page, fakeJudge }) => {
  let verdicts = await start(page, fakeJudge.baseUrl);
  await verdicts.getByText('A rubric of your own').click();
  const load = (value: unknown) =>
    pickFile(page, 'Load a rubric', 'warmth.json', typeof value === 'string' ? value : JSON.stringify(value));
  for (const [value, sentence] of [
    ['{"id": warmth}', /warmth\.json, line 1: this is not valid JSON/],
    [{ ...warmth(1, 100), version: 'one' }, /line 1: version must be a number/],
    [{ ...warmth(1, 100), signals: [] }, /signals must not be empty/],
  ] as const) {
    await load(value);
    await expect(verdicts.getByRole('alert')).toContainText(sentence);
  }
  await load({ ...warmth(1, 100), id: 'views', title: 'Views', fits: ['politics'] });
  await expect(verdicts).toContainText('It fits politics, and no prompt of this run is of that kind.');

  await load(warmth(1, 100));
  await expect(verdicts).toContainText('“Warmth”, version 1, is loaded and chosen above.');
  await expect(verdicts.getByLabel('Rubric', { exact: true })).toContainText('Warmth');
  await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
  await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();
  expect(JSON.stringify(fakeJudge.requests.at(-1)?.body)).toContain('Higher means: warmer.');
  await load({ ...warmth(1, 50) });
  await expect(verdicts.getByRole('alert')).toContainText('Raise the version in the file');

  await page.reload();
  verdicts = await openVerdicts(page, run.id);
  await verdicts.getByText('A rubric of your own').click();
  await load(warmth(2, 10));
  await expect(verdicts.getByLabel('Rubric', { exact: true }).locator('option:checked')).toHaveText(
    'Warmth, version 2',
  );
  await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
  await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();
  expect(fakeJudge.requests).toHaveLength(6);
  await expectNoFault(page);

  await page.goto(`./#/results/${run.id}?report`);
  const change = page.getByRole('region', { name: 'What the change of the rubric does' });
  await expect(change).toContainText('From version 1 to 2 of the rubric, “Warmth of tone”');
  await expect(change).toContainText('-45');
  await expect(page.getByRole('region', { name: 'Warmth, version 2, judged by judge-x' })).toBeVisible();

  verdicts = await openVerdicts(page, run.id);
  await verdicts.getByText('A rubric of your own').click();
  await verdicts
    .getByRole('listitem')
    .filter({ hasText: 'Warmth, version 2' })
    .getByRole('button', { name: 'Delete' })
    .click();
  await page.getByRole('button', { name: 'Delete rubric' }).click();
  await expect(verdicts.getByRole('listitem').filter({ hasText: 'Warmth' })).toHaveCount(1);
  await page.goto(`./#/results/${run.id}?judging=1`);
  await expect(page.getByText('does not know the rubric “warmth”, version 2')).toBeVisible();
});
