import { writeRunFile } from '../core/runFile.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun } from '../core/testing/exampleRun.ts';
import { expect, test } from './fixtures.ts';

const answers = [
  'function isEven(n) { return n % 2 === 0; }',
  'function isEven(n) { fetch("https://example.org/?" + n); return n % 2 === 0; }',
  'function isEven(n) { for (;;); }',
  'function isEven(n) { return (() => n % 2 === 0).constructor("return true")(); }',
];
const run = exampleRun({
  temperatures: [0],
  prompts: answers.map((_, index) =>
    examplePrompt(`even-${index}`, {
      ...{ suite: 'capability', suiteKind: 'capability', category: 'code' },
      check: {
        ...{ type: 'code', language: 'javascript', functionName: 'isEven' },
        cases: [
          { args: [2], result: true },
          { args: [3], result: false },
        ],
      },
    }),
  ),
});
const rollouts = exampleRollouts(run).map((rollout, index) => ({ ...rollout, text: answers[index] ?? '' }));
const origin = { exportedAt: '2026-11-28T12:00:00.000Z', tool: 'otherself 0.1.0' };
const runFile = [...writeRunFile({ run, rollouts, verdicts: [], beliefs: [] }, origin)].join('');

test('runs answers that are code under the policy of the page, and hostile ones reach nothing', async ({
  page,
}) => {
  await page.goto('./#/run');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'run.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(runFile) });
  await expect(page.getByText(/4 answers .* added/)).toBeVisible();
  await page.goto(`./#/run/${run.id}`);
  const verdicts = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Verdicts' }) });
  await verdicts.getByRole('button', { name: 'Score 4 answers' }).click();
  await expect(verdicts.getByText('Every answer has a verdict.')).toBeVisible();
  await verdicts.getByRole('link', { name: 'See the results' }).click();
  await expect(page.getByRole('table').first()).toContainText('25 %');
  await expect(page.getByRole('table').first()).toContainText('n 4');
});
