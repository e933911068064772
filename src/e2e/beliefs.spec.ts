import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { checkBeliefSet } from '../core/beliefSet.ts';
import { parseCatalogue } from '../core/model.ts';
import { planBeliefs } from '../core/planBeliefs.ts';
import type { RunFile } from '../core/runFile.ts';
import { exampleBelief } from '../core/testing/exampleBelief.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { examplePrompt, exampleRun, servedModel } from '../core/testing/exampleRun.ts';
import { expectNoFault } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { importRun, runText } from './judgedRun.ts';

/** Loading a model and scoring on a busy machine. */
test.setTimeout(300_000);

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
const set = checkBeliefSet(await readJson('src/suites/beliefs.json'));
const base = parseCatalogue(await readJson('models/catalogue.json')).find(({ id }) => id === 'mini-base');
if (!base) throw new Error('There is no embedded model.');

const run = exampleRun({
  ...{ name: 'Forced', models: [base], temperatures: [0] },
  prompts: [examplePrompt('you', { text: 'What are you?' })],
});
const rollouts = exampleRollouts(run).map((rollout) => ({
  ...rollout,
  text: 'I am not an AI. I am a nurse.',
}));
const specs = planBeliefs(run, set, rollouts);
/** A pair about the model, and all of the denial: what the app is to score itself. */
const open = specs.filter(({ place }) => ('pair' in place ? place.pair === 'words-ai' : true));
const beliefs = specs
  .filter((spec) => !open.includes(spec))
  .map((spec) =>
    exampleBelief(
      spec,
      spec.request.continuations.map((_, at) => -1 - at / 4),
    ),
  );
const file: RunFile = { run, rollouts, verdicts: [], beliefs };

const panelOf = (page: Page): Locator =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'Forced answers' }) });

test('what a model would say if it had to is collected, stopped, gone on with after a reload, and reported', async ({
  page,
}) => {
  await importRun(page, runText(file));
  await expect(
    page.getByText(`“Forced”: 1 answer, 0 verdicts and ${beliefs.length} forced answers added.`),
  ).toBeVisible();
  await page.getByRole('link', { name: 'Forced' }).click();
  const panel = panelOf(page);
  const count = (done: number) =>
    panel.getByText(`${done} of ${specs.length} forced answers`, { exact: true });
  await expect(count(beliefs.length)).toBeVisible();
  await expect(panel).toContainText('1 answer of this run denies being an AI');
  await expectNoFault(page);

  await panel.getByRole('button', { name: 'Collect the rest' }).click();
  await panel.getByRole('button', { name: 'Stop now' }).click();
  await expect(panel.getByText('Stopped')).toBeVisible();
  await page.reload();
  await panel.getByRole('button', { name: 'Collect the rest' }).click();
  await expect(panel.getByText('Complete')).toBeVisible({ timeout: 120_000 });
  await expect(count(specs.length)).toBeVisible();
  await page.reload();
  await expect(count(specs.length)).toBeVisible();

  await panel.getByRole('link', { name: 'See what they say in the report' }).click();
  const report = page.getByRole('region', { name: /^What each model would say if it had to/ });
  await expect(report).toContainText(`If it has to say, ${base.name} gives`);
  await expect(report).not.toContainText('missing');
  const course = page.getByRole('region', { name: /^Over the course of a denial/ });
  await course.getByText('Table', { exact: true }).click();
  await expect(course.getByRole('row', { name: /2 sentences/ })).toContainText('n = 1');

  // The whole run leaves in its file, and with its deletion everything is gone.
  await page.goto(`./#/run/${run.id}`);
  await page.getByText('Export', { exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Run file' }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  expect(text.match(/^\{"type":"belief"/gm)).toHaveLength(specs.length);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete run' }).click();
  await importRun(page, text);
  await expect(page.getByText(`and ${specs.length} forced answers added.`)).toBeVisible();
});

test('a served model tells bounds, which is said before it is asked, and in the report', async ({ page }) => {
  const asked = { ...run, id: 'served', name: 'Served', models: [servedModel('remote')] };
  const bounds = planBeliefs(asked, set, []).map((spec) =>
    exampleBelief(spec, [-1, null, -2, null], { bound: true }),
  );
  await importRun(page, runText({ run: asked, rollouts: [], verdicts: [], beliefs: bounds }));
  await page.getByRole('link', { name: 'Served' }).click();
  await expect(panelOf(page)).toContainText(
    'remote: a server tells the probabilities of its likeliest first',
  );
  await panelOf(page).getByRole('link', { name: 'See what they say in the report' }).click();
  await expect(page.getByText(/its numbers are bounds/)).toBeVisible();
});
