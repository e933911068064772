import { writeRunFile } from '../core/runFile.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleRun } from '../core/testing/exampleRun.ts';
import { expect, test } from './fixtures.ts';

const run = exampleRun();
/** Slow enough to be seen, and as older files are: without the times of tokens. */
const rollouts = exampleRollouts(run).map((rollout) => ({ ...rollout, durationMs: 4_000 }));
const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' };
const runFile = [...writeRunFile({ run, rollouts, verdicts: [], beliefs: [] }, origin)].join('');

for (const [screen, viewport] of [
  ['a wide screen', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const) {
  test(`replays an answer of a run without moving the page, on ${screen}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.goto('./#/run');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'run.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(runFile) });
    await expect(page.getByText(/answers .* added/)).toBeVisible();
    await page.goto(`./#/results/${run.id}?tab=answers`);
    await page.getByRole('link', { name: 'What about you?' }).first().click();
    const dialog = page.getByRole('dialog');
    const text = dialog.getByText(/^I am one, asked/);
    const whole = await text.innerText();
    const place = await dialog.boundingBox();
    await dialog.getByRole('button', { name: 'Replay' }).click();
    const badge = dialog.getByText('Recorded 24 Nov 2026, http://127.0.0.1:9/v1, 3.0 tokens/s');
    await expect(badge).toBeVisible();
    await expect(dialog.getByText(whole)).toHaveCount(0);
    expect(await dialog.boundingBox()).toEqual(place);
    await expect(badge).toBeHidden();
    await expect(text).toHaveText(whole);
  });
}
