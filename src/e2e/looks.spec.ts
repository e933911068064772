import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { writeRunFile } from '../core/runFile.ts';
import { runOfTalk } from '../core/talk.ts';
import { writeTalkFile } from '../core/talkFile.ts';
import { exampleRollouts, exampleVerdict, rulesJudging } from '../core/testing/exampleRecords.ts';
import { exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { exampleTalk } from '../core/testing/exampleTalk.ts';
import { expect, test } from './fixtures.ts';

/**
 * The main pages beside how they looked when somebody last agreed to it. After a change that is meant:
 * `npx playwright test src/e2e/looks.spec.ts --update-snapshots`, and look at each new picture before it is committed.
 */
test.skip(
  ({ browser }) => process.platform !== 'linux' || !browser.version().startsWith('147.'),
  'The pictures are of Chromium 147 on Linux; others draw letters differently.',
);

const sizes = {
  wide: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  projector: { width: 1920, height: 1080 },
} as const;
const origin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' };

const talk = exampleTalk();
const talkText = [...writeTalkFile({ talk, rollouts: exampleRollouts(runOfTalk(talk)) }, origin)].join('');

const rubric = JSON.parse(await readFile('src/suites/rubrics/identity.json', 'utf8')) as {
  readonly id: string;
  readonly version: number;
  readonly signals: readonly { readonly id: string }[];
};
const judging = { ...rulesJudging, rubric: rubric.id, rubricVersion: rubric.version };
const run = exampleRun({
  name: 'From a file',
  models: [servedModel('one'), servedModel('two')],
  judgings: [judging],
});
const rollouts = exampleRollouts(run);
const verdicts = rollouts.map(({ key }, index) => {
  const scores = rubric.signals.map(({ id }, place) => [id, (index * 17 + place * 31) % 101]);
  return exampleVerdict(key, judging, { scores: Object.fromEntries(scores) as Record<string, number> });
});
const runText = [...writeRunFile({ run, rollouts, verdicts }, origin)].join('');

async function pick(page: Page, label: string, text: string): Promise<void> {
  const buffer = Buffer.from(text);
  await page
    .locator(`input[type=file][aria-label="${label}"]`)
    .setInputFiles({ name: 'a.jsonl', mimeType: 'text/plain', buffer });
}

/** What each page shows is put there from files, so that no model has to answer. */
async function fill(page: Page): Promise<void> {
  await page.goto('./#/run');
  await page.locator('summary', { hasText: 'Import a run' }).click();
  await pick(page, 'Import a run', runText);
  await expect(page.getByText('From a file').first()).toBeVisible();
  await page.goto('./#/stage');
  await pick(page, 'Import a talk', talkText);
  await expect(page.getByText('12 of 12 recorded')).toBeVisible();
}

const pages: Readonly<Record<string, string>> = {
  chat: './#/chat',
  talk: `./#/stage?talk=${talk.id}`,
  preflight: `./#/preflight/${talk.id}`,
  run: './#/run',
  'new-run': './#/run/new',
  results: `./#/results/${run.id}`,
  report: `./#/results/${run.id}?report`,
  models: './#/models',
  settings: './#/settings',
};

async function look(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await expect(page).toHaveScreenshot(`${name}.png`, {
    // How much is stored differs from machine to machine.
    mask: [page.getByText(/ of \d.* [MG]B$/)],
    maxDiffPixelRatio: 0.002,
  });
}

for (const [size, colorScheme] of [
  ['wide', 'light'],
  ['wide', 'dark'],
  ['phone', 'light'],
] as const) {
  test(`every page looks as agreed, ${size}, ${colorScheme}`, async ({ page }) => {
    await page.setViewportSize(sizes[size]);
    await page.emulateMedia({ colorScheme });
    await fill(page);
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(address);
      await page.reload();
      await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
      await look(page, `${name}-${size}-${colorScheme}`);
    }
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the stage looks as agreed, projector, ${colorScheme}`, async ({ page }) => {
    await page.setViewportSize(sizes.projector);
    await page.emulateMedia({ colorScheme });
    await fill(page);
    await page.goto(`./#/stage/${talk.id}`);
    await expect(page.getByRole('button', { name: 'Start' })).toBeVisible();
    await page.keyboard.press('r');
    await expect(page.getByText(/· recorded/).first()).toBeVisible();
    await look(page, `stage-${colorScheme}`);
  });
}
