import type { Locator, Page } from '@playwright/test';
import { writeRunFile } from '../core/runFile.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import { startFakeJudgeServer } from './fakeJudgeServer.ts';
import { expect, test } from './fixtures.ts';
import { openVerdicts, setJudge } from './judgeSteps.ts';

/** Three answers, as a file that the app imports: what is tested here begins after collecting. */
const run = exampleRun({
  temperatures: [0],
  prompts: [examplePrompt('you'), examplePrompt('day', { category: 'indirect' }), examplePrompt('robot')],
});
const runFile = [
  ...writeRunFile(
    { run, rollouts: exampleRollouts(run), verdicts: [], beliefs: [] },
    { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' },
  ),
].join('');

async function importRun(page: Page): Promise<void> {
  await page.goto('./#/run');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'run.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(runFile) });
  await expect(page.getByText(/3 answers .* added/)).toBeVisible();
}

/** A judge is tried again with pauses of seconds; nobody has to sit through them. */
async function expectAfterPauses(page: Page, place: Locator, sentence: string): Promise<void> {
  await expect(async () => {
    await page.clock.fastForward(10_000);
    await expect(place).toContainText(sentence, { timeout: 300 });
  }).toPass();
}

test('judges a run by the real llama.cpp server, and never asks for a verdict twice', async ({
  page,
  llama,
}) => {
  let calls = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().startsWith(llama.baseUrl)) calls += 1;
  });
  // So small a model may talk until it is cut. With the same fences each time its words are the same: short ones.
  await page.addInitScript(() => {
    crypto.getRandomValues = <T extends ArrayBufferView>(array: T) =>
      array instanceof Uint32Array ? (array.fill(0.4 * 2 ** 32) as unknown as T) : array;
  });
  await setJudge(page, llama);
  await page.getByRole('button', { name: 'Test connection' }).click();
  await expect(page.getByText('The judge works: its verdict could be read.')).toBeVisible({
    timeout: 60_000,
  });
  expect(calls).toBe(1);

  await page.goto('./#/run/new');
  await page.getByLabel('At most, of each suite').fill('2');
  await page.getByLabel('Temperatures').fill('0');
  await page.getByLabel('Dial').fill('0');
  await page.getByText('More settings').click();
  await page.getByLabel('Longest answer').fill('16');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText('2 of 2').first()).toBeVisible({ timeout: 60_000 });

  const address = page.url().split('/').at(-1) ?? '';
  const verdicts = await openVerdicts(page, address);
  await verdicts.getByRole('button', { name: 'Score 2 answers' }).click();
  await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible({ timeout: 90_000 });
  expect(calls).toBe(3);
  await verdicts.getByRole('link', { name: 'See the results' }).click();
  await expect(page.getByLabel('Scored by')).toContainText(llama.model);
  await expect(page.getByRole('table').first()).toContainText('n 1');

  await page.reload();
  await expect(page.getByRole('table').first()).toContainText('n 1');
  const again = await openVerdicts(page, address);
  await expect(again.getByText('Every answer has a verdict.')).toBeVisible();
  await expect(again.getByRole('button', { name: /^Score/ })).toBeHidden();
  expect(calls).toBe(3);
});

test.describe('a judge with faults', () => {
  // The browser says so itself, whatever the page does.
  test.use({ allowedErrors: [/blocked by CORS policy/] });

  test('is told of in plain sentences; its replies are kept as failed, and asked for again when told', async ({
    page,
    fakeJudge,
  }) => {
    await importRun(page);
    await setJudge(page, { baseUrl: fakeJudge.baseUrl, key: 'my-key' });
    const verdicts = await openVerdicts(page, run.id);
    const failed = verdicts.locator('details').filter({ hasText: '3 verdicts failed' });
    const retry = failed.getByRole('button', { name: 'Retry failed' });
    fakeJudge.script('prose');
    await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
    await failed.getByText('3 verdicts failed').click();
    await expect(failed).toContainText('The judge replied with text that holds no single JSON object.');
    await expect(failed).toContainText('I would say this answer is quite human, about eighty percent.');

    fakeJudge.script('wrong schema');
    await retry.click();
    await expect(failed).toContainText('The judge\'s reply has "verdict", which was not asked for.');
    await expect(failed).toContainText('{"verdict":"human","confidence":0.8}');

    fakeJudge.script('html error page');
    await retry.click();
    await expect(failed).toContainText(`${fakeJudge.baseUrl} failed (502). Try again later.`);

    fakeJudge.script('out of range');
    await retry.click();
    await expect(failed).toContainText('is 1000, not a whole number from 0 to 100.');
    await expect(failed).toContainText(':1000');

    await page.goto(`./#/results/${run.id}`);
    await page.reload();
    const table = page.getByRole('table').first();
    await expect(table).toContainText('2 verdict failed');
    await expect(table).toContainText('no verdict');
    await expect(table).not.toContainText(/\bn \d/);

    await setJudge(page, { baseUrl: fakeJudge.baseUrl, key: 'wrong-key' });
    await openVerdicts(page, run.id);
    await failed.getByText('3 verdicts failed').click();
    fakeJudge.script('wrong key');
    await retry.click();
    await expect(verdicts.getByRole('alert')).toContainText(
      'refused the API key (401). Check that it is right',
    );
    await expect(verdicts).not.toContainText('wrong-key');
    await expect(failed).toContainText(':1000');

    await page.clock.install();
    fakeJudge.script('no cors');
    await retry.click();
    await expectAfterPauses(page, verdicts.getByRole('alert'), 'does not allow this page (CORS)');
    await expect(failed).toContainText(':1000');

    fakeJudge.script('too many requests', 'good');
    const before = fakeJudge.requests.length;
    await retry.click();
    await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();
    await expect(failed).toBeHidden();
    await expect(verdicts.getByRole('alert')).toBeHidden();
    expect(fakeJudge.requests.length - before).toBe(4);
    await page.goto(`./#/results/${run.id}`);
    await expect(page.getByRole('table').first()).toContainText('n 2');
  });

  test('is reached again after nothing answered', async ({ page, fakeJudge }) => {
    const gone = await startFakeJudgeServer();
    await gone.close();
    await page.clock.install();
    await importRun(page);
    await setJudge(page, gone);
    const verdicts = await openVerdicts(page, run.id);
    await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
    const sentence = `The browser could not reach ${gone.baseUrl}. Either nothing answers there: start the server`;
    await expectAfterPauses(page, verdicts.getByRole('alert'), sentence);

    await setJudge(page, fakeJudge);
    await openVerdicts(page, run.id);
    await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
    await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();
    await expect(verdicts.getByRole('alert')).toBeHidden();
  });

  test('is found out by one request in Settings', async ({ page, fakeJudge }) => {
    await setJudge(page, { baseUrl: fakeJudge.baseUrl, key: 'my-key' });
    const trials = [
      ['good', 'The judge works: its verdict could be read. Structured output by JSON schema was accepted.'],
      ['prose', 'The judge answers, so address and key are right, but not with a verdict that can be read.'],
      ['wrong key', 'refused the API key (401). Check that it is right and may use "judge-x".'],
      ['no cors', 'does not allow this page (CORS)'],
    ] as const;
    for (const [fault, sentence] of trials) {
      fakeJudge.script(fault);
      await page.getByRole('button', { name: 'Test connection' }).click();
      await expect(page.getByText(sentence)).toBeVisible();
    }
    expect(fakeJudge.requests[0]).toMatchObject({
      authorization: 'Bearer my-key',
      body: { model: 'judge-x' },
    });

    await page.getByLabel('Model', { exact: true }).fill('');
    await expect(page.getByRole('alert')).toBeHidden();
    await page.getByRole('button', { name: 'Test connection' }).click();
    await expect(page.getByRole('alert')).toContainText('No judge is set: name its address and model');
    await page.getByLabel('Base URL').fill('localhost:8080/v1');
    await page.getByLabel('Model', { exact: true }).fill('judge-x');
    await page.getByRole('button', { name: 'Test connection' }).click();
    await expect(page.getByRole('alert')).toContainText('must begin with http:// or https://');
  });
});

test('says what judging costs before it begins, and stops at the budget', async ({ page, fakeJudge }) => {
  await importRun(page);
  await setJudge(page, { baseUrl: fakeJudge.baseUrl, callsAtOnce: 1 });
  const verdicts = await openVerdicts(page, run.id);
  await expect(verdicts.getByText('Give both prices')).toBeVisible();
  await verdicts.getByLabel('Price of input').fill('1000');
  await verdicts.getByLabel('Price of output').fill('1000');
  const estimate = await verdicts.getByText(/About [\d.]+, at most [\d.]+/).innerText();
  expect(fakeJudge.requests).toEqual([]);

  // Enough for the worst case of one call, not for another after what the first one really costs.
  const worst = Number(/at most ([\d.]+\d)/.exec(estimate)?.[1]) / 3;
  await verdicts.getByLabel('Budget').fill((worst * 1.01).toFixed(3));
  await verdicts.getByRole('button', { name: 'Score 3 answers' }).click();
  await expect(verdicts.getByText('Raise the budget to go on.')).toBeVisible();
  await expect(verdicts.getByText('1 of 3 · 0.12 spent')).toBeVisible();
  await verdicts.getByRole('button', { name: 'Score 2 answers' }).click();
  await expect(verdicts.getByText('Raise the budget to go on.')).toBeVisible();
  await expect(verdicts.getByText('1 of 3 · 0.12 spent')).toBeVisible();
  expect(fakeJudge.requests).toHaveLength(1);

  await verdicts.getByLabel('Budget').fill('1000');
  await verdicts.getByRole('button', { name: 'Score 2 answers' }).click();
  await expect(verdicts.getByText('3 of 3 · 0.36 spent')).toBeVisible();
  expect(fakeJudge.requests).toHaveLength(3);
});
