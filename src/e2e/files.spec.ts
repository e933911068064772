import { readFile, writeFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import type { OpenAiCard } from '../core/model.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { expect, test } from './fixtures.ts';
import { importRun, judgedRun, pickFile, runText } from './judgedRun.ts';
import { storedRecords } from './storedRecords.ts';

/** Nothing here waits for a model; a busy machine is slow all the same. */
test.setTimeout(120_000);

async function openDisclosure(page: Page, title: string): Promise<void> {
  await page.locator('summary', { hasText: title }).click();
}

async function saved(page: Page, button: Locator): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return readFile(await download.path(), 'utf8');
}

/** What the results page says in numbers: every row of its tables. */
async function numbersOf(page: Page, runName: string): Promise<string[]> {
  await page.goto('./#/results');
  await page.getByRole('link', { name: runName }).click();
  const rows = page.getByRole('main').getByRole('row');
  await expect(rows.nth(2)).toBeVisible();
  return rows.allInnerTexts();
}

test.describe('a suite', () => {
  const csv = 'id,category,text\ncat,animals,Are you a cat?\ndog,animals,Are you a dog?\n';
  const suite = {
    ...{ id: 'weather', version: 1, title: 'Weather talk', description: '', kind: 'custom' },
    categories: [{ id: 'sky', title: 'Sky' }],
    prompts: [
      { id: 'rain', category: 'sky', text: 'Do you like rain?' },
      { id: 'snow', category: 'sky', text: 'Do you like snow?' },
    ],
  };

  test('comes in by file and can be chosen in a run', async ({ page }) => {
    await page.goto('./#/settings');
    await pickFile(page, 'Import a suite', 'My pets.csv', csv);
    await expect(page.getByText('Added “my-pets”, version 1, with 2 prompts.')).toBeVisible();
    await pickFile(page, 'Import a suite', 'weather.json', JSON.stringify(suite));
    await expect(page.getByText('Added “Weather talk”, version 1, with 2 prompts.')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('row', { name: /Weather talk 1 2 you/ })).toBeVisible();

    // The eight questions of the post are chosen already.
    await page.goto('./#/run/new');
    await page.getByRole('checkbox', { name: /^Weather talk/ }).check();
    await page.getByRole('checkbox', { name: /^my-pets/ }).check();
    await expect(page.getByText(/× 12 prompts ×/)).toBeVisible();
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    [
      'twice.json',
      JSON.stringify(
        { ...suite, prompts: [...suite.prompts, { ...suite.prompts[0], text: 'Is it?' }] },
        null,
        1,
      ),
      /twice\.json, line 25: prompts\[2\]\.id repeats the id of prompts\[0\] on line 15/,
    ],
    [
      'lacking.json',
      JSON.stringify({ ...suite, prompts: [{ id: 'rain', category: 'sky' }] }, null, 1),
      /lacking\.json, line 14: prompts\[0\]\.text is missing/,
    ],
    ['twice.csv', `${csv}cat,animals,Is it you?\n`, /twice\.csv, line 4: id repeats the id of .* on line 2/],
    [
      'lacking.csv',
      'id,text\ncat,Are you a cat?\n',
      /lacking\.csv, line 1: the column "category" is missing/,
    ],
    ['torn.json', '{\n "id": "torn",\n "version": 1,,\n}', /torn\.json, line 3: this is not valid JSON/],
  ];

  test('that is bad is refused by line and field, and changes nothing', async ({ page }) => {
    await page.goto('./#/settings');
    await pickFile(page, 'Import a suite', 'weather.json', JSON.stringify(suite));
    await expect(page.getByText(/Added “Weather talk”/)).toBeVisible();
    const before = await storedRecords(page);
    for (const [name, text, sentence] of bad) {
      await pickFile(page, 'Import a suite', name, text);
      await expect(page.getByRole('alert')).toHaveText(sentence);
    }
    expect(await storedRecords(page)).toEqual(before);
  });
});

test.describe('a run file', () => {
  test('brings a deleted run back with equal numbers', async ({ page }) => {
    await importRun(page, runText(judgedRun()));
    await expect(page.getByText('“From a file”: 24 answers and 24 verdicts added.')).toBeVisible();
    const before = await numbersOf(page, 'From a file');
    const records = await storedRecords(page);

    await page.goto('./#/run');
    await page.getByRole('link', { name: 'From a file' }).click();
    await openDisclosure(page, 'Export');
    const text = await saved(page, page.getByRole('button', { name: 'Run file' }));
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete run' }).click();
    await expect(page).toHaveURL(/#\/run$/);
    await expect(page.getByRole('link', { name: 'From a file' })).toHaveCount(0);
    expect(await storedRecords(page)).toEqual({});

    await importRun(page, text);
    await expect(page.getByText(/24 answers and 24 verdicts added/)).toBeVisible();
    expect(await numbersOf(page, 'From a file')).toEqual(before);
    expect(await storedRecords(page)).toEqual(records);
    await importRun(page, text);
    await expect(page.getByText('is here already, with all that the file holds')).toBeVisible();
  });

  test('that is corrupt, foreign or half-written is refused, and harms nothing', async ({ page }) => {
    const text = runText(judgedRun());
    await importRun(page, text);
    await expect(page.getByText(/24 answers/).first()).toBeVisible();
    const before = await storedRecords(page);
    const bad: readonly (readonly [string, string, RegExp])[] = [
      [
        'altered.jsonl',
        text.replace('draw 2', 'draw 9'),
        /altered\.jsonl, line \d+: the SHA-256 does not fit/,
      ],
      [
        'torn.jsonl',
        text.replace('"type":"verdict"', '"type"'),
        /torn\.jsonl, line \d+: this is not valid JSON/,
      ],
      ['foreign.jsonl', '{"prompt":"Hello"}\n', /foreign\.jsonl is no run file: its first line must be/],
      ['picture.jsonl', '\u0089PNG\r\n\u001a\n\u0000\u0000', /picture\.jsonl is no run file/],
      ['half.jsonl', text.slice(0, text.length / 2), /half\.jsonl was cut after line \d+: \d+ answers and/],
      ['empty.jsonl', '', /empty\.jsonl is empty/],
    ];
    for (const [name, content, sentence] of bad) {
      await pickFile(page, 'Import a run', name, content);
      await expect(page.getByRole('alert')).toHaveText(sentence);
    }
    expect(await storedRecords(page)).toEqual(before);
  });

  test('of 10,000 answers is read in a worker, with progress', async ({ page }, testInfo) => {
    const prompts = Array.from({ length: 1000 }, (_, index) => examplePrompt(`p-${index}`));
    const run = exampleRun({ name: 'Large', prompts, temperatures: [0.8], samples: 10 });
    const rollouts = exampleRollouts(run).map((rollout) => ({ ...rollout, text: 'A long day. '.repeat(60) }));
    const path = testInfo.outputPath('large.jsonl');
    await writeFile(path, runText({ run, rollouts, verdicts: [], beliefs: [] }));
    await page.goto('./#/run');
    await openDisclosure(page, 'Import a run');
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => {
        tasks.push(...list.getEntries().map(({ duration }) => Math.round(duration)));
      }).observe({ type: 'longtask' });
    });
    const worker = page.waitForEvent('worker');
    const busy = page.getByRole('progressbar', { name: 'Reading and checking the file' }).waitFor();
    await page.locator('input[type=file]').setInputFiles(path);
    await worker;
    await busy;
    await expect(page.getByText(/“Large”: 10,000 answers .* added/)).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('row', { name: /Large/ })).toContainText('10,000 answers');
    // Reported, not judged: it depends on what else the machine does.
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    testInfo.annotations.push({
      type: 'page tasks over 50 ms, in ms',
      description: tasks.join(' ') || 'none',
    });
  });
});

test('a run in two tabs is collected by one of them, and by the other once that is closed', async ({
  page,
  context,
  fakeJudge,
}) => {
  fakeJudge.script('slow');
  /** The questions that reached the server; it is asked for its models too. */
  const asked = (): string[] =>
    fakeJudge.requests.flatMap(({ body }) =>
      'messages' in body ? [body.messages.at(-1)?.content ?? ''] : [],
    );
  const card: OpenAiCard = { ...servedModel('slow-one', 1), baseUrl: fakeJudge.baseUrl };
  const run = exampleRun({ name: 'Shared', models: [card], temperatures: [0] });
  await importRun(page, runText({ run, rollouts: [], verdicts: [], beliefs: [] }));
  await page.getByRole('link', { name: 'Shared' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await expect.poll(asked).toHaveLength(1);

  const second = await context.newPage();
  await second.goto(page.url());
  await second.getByRole('button', { name: /Start|Resume/ }).click();
  await expect(second.getByRole('alert')).toContainText('being collected in another tab or process');
  await second.getByRole('button', { name: 'Delete' }).click();
  await second.getByRole('button', { name: 'Delete run' }).click();
  await expect(second.getByText(/being collected or judged, here or in another tab/)).toBeVisible();
  expect(asked(), 'no question is asked by both').toEqual([...new Set(asked())]);

  await page.close();
  const before = asked().length;
  fakeJudge.script('good');
  await second.getByRole('button', { name: /Start|Resume/ }).click();
  await expect(second.getByText('3 of 3 answers', { exact: true })).toBeVisible();
  // What the closed tab had in flight was lost, and is asked again; what it had stored is not.
  expect(asked().length - before).toBeLessThanOrEqual(3 - (before - 1));
  expect(new Set(asked()).size).toBe(3);
});

test('everything is exported, deleted and brought back', async ({ page }) => {
  await importRun(page, runText(judgedRun()));
  await expect(page.getByText(/24 answers/).first()).toBeVisible();
  const numbers = await numbersOf(page, 'From a file');
  await page.goto('./#/settings');
  await pickFile(page, 'Import a suite', 'pets.csv', 'id,category,text\ncat,animals,Are you a cat?\n');
  await expect(page.getByText(/Added “pets”/)).toBeVisible();
  await page.getByText('Dark', { exact: true }).click();
  const records = await storedRecords(page);
  const text = await saved(page, page.getByRole('button', { name: 'Export everything' }));

  await page.getByRole('button', { name: 'Delete everything' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).click();
  await expect(page.getByRole('row', { name: /pets/ })).toHaveCount(0);
  await expect(page.getByRole('row', { name: /Identity/ })).toBeVisible();
  await pickFile(page, 'Import', 'all.jsonl', text.slice(0, -40));
  await expect(page.getByRole('alert')).toHaveText(
    /all\.jsonl was cut after line \d+: \d+ records could be read/,
  );

  await pickFile(page, 'Import', 'all.jsonl', text);
  await expect(page.getByText('Added: 1 run, 24 answers, 24 verdicts, 1 suite, 1 setting.')).toBeVisible();
  await expect(page.getByRole('row', { name: /pets/ })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await storedRecords(page)).toEqual(records);
  expect(await numbersOf(page, 'From a file')).toEqual(numbers);

  await page.goto('./#/settings');
  await pickFile(page, 'Import', 'all.jsonl', text);
  await expect(
    page.getByText('Nothing was added. Here already: 1 run, 24 answers, 24 verdicts, 1 suite, 1 setting.'),
  ).toBeVisible();
});
