import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from '@playwright/test';
import { buildApp } from './buildApp.ts';
import { findChromium } from './chromium.ts';
import { serveFolder } from './serveFolder.ts';

/**
 * Takes the pictures in docs/screenshots from the built app: `npx tsx tools/takeScreenshots.ts`. What they show is
 * asked of the embedded model and scored by rules while the pictures are taken, which takes some minutes.
 */
const folder = 'docs/screenshots';
const wide = { width: 1280, height: 800 };
const projector = { width: 1920, height: 1080 };
const phone = { width: 390, height: 844 };
/** Two slow cores need some minutes for the run; everything else is there at once. */
const collectingMs = 900_000;

async function take(page: Page, name: string): Promise<void> {
  // Nothing looks hovered, and what is fetched or faded in has arrived.
  await page.mouse.move(0, 0);
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`${name}.png`);
}

async function takeChat(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/chat`);
  const settings = page.getByRole('main').getByText('Settings', { exact: true });
  await settings.click();
  await page.getByLabel('Seed').fill('1');
  await settings.click();
  const questions = ['What are you?', 'If you are not human, what are you instead?'];
  for (const [index, question] of questions.entries()) {
    const message = page.getByRole('textbox', { name: /^Message/ });
    await message.fill(question);
    await message.press('Enter');
    // One in each pane, with the end of an answer.
    await page
      .getByRole('button', { name: 'Copy the answer' })
      .nth(2 * index + 1)
      .waitFor({ timeout: collectingMs });
  }
  await page.getByRole('textbox', { name: /^Message/ }).blur();
  await take(page, 'chat');
}

async function takeEight(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/chat`);
  const settings = page.getByRole('main').getByText('Settings', { exact: true });
  await settings.click();
  await page.getByLabel('Longest answer').fill('60');
  await settings.click();
  await page.getByRole('textbox', { name: /^Message/ }).fill('If you are not human, what are you instead?');
  await page.getByRole('button', { name: 'Ask eight times' }).click();
  await page.getByText('8 versions').waitFor({ timeout: collectingMs });
  await take(page, 'chat-eight');
}

/** A talk and its stage; ends on the page that it began on. */
async function takeStage(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/stage`);
  await page.getByText(/of 128 recorded/).waitFor();
  await take(page, 'talk');
  await page.setViewportSize(projector);
  await page.goto(`${url}#/stage/eight-questions`);
  for (const [key, name] of [
    ['b', 'stage'],
    ['e', 'stage-eight'],
  ] as const) {
    await page.getByRole('button', { name: 'Start' }).waitFor();
    await page.keyboard.press('6');
    await page.keyboard.press(key);
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByRole('button', { name: 'Start' }).waitFor({ timeout: collectingMs });
    await take(page, name);
  }
  await page.setViewportSize(wide);
}

async function takePreflight(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/preflight`);
  await page.getByRole('button', { name: 'Check everything' }).click();
  await page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: collectingMs });
  const fetchMissing = page.getByRole('button', { name: 'Fetch what is missing' });
  if (await fetchMissing.isVisible()) {
    await fetchMissing.click();
    await page.getByText(/^Ready with the network off/).waitFor({ timeout: collectingMs });
  }
  await take(page, 'preflight');
}

/** Collects a small run; ends on its page. */
async function takeRun(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/run/new`);
  await page.getByRole('button', { name: 'None' }).click();
  await page.getByRole('checkbox', { name: /^Identity/ }).check();
  await page.getByLabel('At most, of each suite').fill('12');
  await page.getByText('More settings').click();
  await page.getByLabel('Longest answer').fill('60');
  await page.getByLabel('Name of the run').fill('Who are you?');
  await page.getByRole('button', { name: 'Start' }).click();
  // Some way into the run, so that its progress and its pace can be seen.
  await page.getByText(/^(1[2-9]|[23]\d) of 96 answers/).waitFor({ timeout: collectingMs });
  await take(page, 'run');
}

async function takeResults(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'See the results' }).first().click({ timeout: collectingMs });
  await page.getByRole('table').waitFor();
  await take(page, 'results');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'results-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(phone);
  await page.getByRole('table').scrollIntoViewIfNeeded();
  await take(page, 'results-phone');
}

/** The report on the same run. */
async function takeReport(page: Page): Promise<void> {
  await page.setViewportSize(wide);
  await page.getByRole('link', { name: 'Report with figures' }).click();
  const figure = page.getByRole('img', { name: 'Claims to be an AI', exact: true });
  // Sections come one after the other; the last one ends the moving.
  await page.getByRole('heading', { name: 'Who answers' }).waitFor({ timeout: collectingMs });
  await figure.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await take(page, 'report');
  await page.emulateMedia({ colorScheme: 'dark' });
  const portrait = page.getByRole('heading', { name: 'Who answers' });
  await portrait.evaluate((element) => element.scrollIntoView());
  await take(page, 'report-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(phone);
  await figure.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await take(page, 'report-phone');
}

async function takeAll(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage({ viewport: wide, colorScheme: 'light' });
  await takeChat(page, url);
  await takeEight(page, url);
  await takeStage(page, url);
  await takePreflight(page, url);
  await takeRun(page, url);
  await takeResults(page);
  await takeReport(page);
}

await buildApp();
await mkdir(folder, { recursive: true });
const { executablePath, args, env } = await findChromium();
const server = await serveFolder('dist', { host: '127.0.0.1', port: 0 });
const browser = await chromium.launch({ executablePath, args: [...args], env: { ...env } });
try {
  await takeAll(browser, server.url);
} finally {
  await browser.close();
  await server.close();
}
