import type { Page } from '@playwright/test';
import { runOfTalk } from '../core/talk.ts';
import { writeTalkFile } from '../core/talkFile.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleTalk } from '../core/testing/exampleTalk.ts';
import { expect, test } from './fixtures.ts';
import { fileOrigin, importRun, judgedRun, pickFile, runText } from './judgedRun.ts';

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
const talk = exampleTalk();
const talkText = [...writeTalkFile({ talk, rollouts: exampleRollouts(runOfTalk(talk)) }, fileOrigin)].join(
  '',
);

const file = judgedRun();

/** What each page shows is put there from files, so that no model has to answer. */
async function fill(page: Page): Promise<void> {
  await importRun(page, runText(file));
  await expect(page.getByText('From a file').first()).toBeVisible();
  await page.goto('./#/stage');
  await pickFile(page, 'Import a talk', 'a.jsonl', talkText);
  await expect(page.getByText('12 of 12 recorded')).toBeVisible();
}

const pages: Readonly<Record<string, string>> = {
  chat: './#/chat',
  talk: `./#/stage?talk=${talk.id}`,
  preflight: `./#/preflight/${talk.id}`,
  run: './#/run',
  'new-run': './#/run/new',
  results: `./#/results/${file.run.id}`,
  report: `./#/results/${file.run.id}?report`,
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
