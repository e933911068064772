import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { runOfTalk } from '../core/talk.ts';
import { writeTalkFile } from '../core/talkFile.ts';
import { exampleRollouts } from '../core/testing/exampleRecords.ts';
import { exampleTalk } from '../core/testing/exampleTalk.ts';
import { faultsOf } from './faultsOf.ts';
import { expect, test } from './fixtures.ts';
import { pressOn, setNumber, tabTo } from './keyboard.ts';

/** The embedded model loads and answers; on busy cores that takes its time. */
const answersMs = 150_000;
test.setTimeout(400_000);

interface Call {
  readonly model: string;
  readonly seed: number;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** A server of two models, each of which says who it is and how much it was told. */
async function serveTwo(calls: Call[]): Promise<{ readonly baseUrl: string; readonly server: Server }> {
  const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*, Authorization' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(204, headers).end();
      const call = JSON.parse(body) as Call;
      calls.push(call);
      const content = `I am ${call.model} and was told ${call.messages.length} things.`;
      const choices = [{ index: 0, finish_reason: 'stop', delta: { role: 'assistant', content } }];
      const chunk = { id: 'x', object: 'chat.completion.chunk', created: 0, model: call.model, choices };
      response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

async function addModel(page: Page, baseUrl: string, model: string): Promise<void> {
  await page.getByLabel('Base URL').fill(baseUrl);
  await page.getByLabel('Model name').fill(model);
  await page.getByRole('button', { name: 'Add model' }).click();
  await expect(page.getByText(model, { exact: true }).first()).toBeVisible();
}

const answers = (page: Page) => page.getByRole('list', { name: 'Answers side by side' });
const finished = (page: Page) => page.getByRole('button', { name: 'Copy the answer' });
const texts = (page: Page) => answers(page).locator('.markdown').allInnerTexts();

test('each pane goes on from its own answers, and a link opens the same comparison again', async ({
  page,
  context,
}) => {
  const calls: Call[] = [];
  const { baseUrl, server } = await serveTwo(calls);
  await page.goto('./#/models');
  await addModel(page, baseUrl, 'alpha');
  await addModel(page, baseUrl, 'beta');

  await page.goto('./#/chat?compare=alpha:0.5,beta:0&system=Be+brief.&ask=One%3F&ask=Two%3F&seed=5,6');
  const ask = page.getByRole('button', { name: 'Ask these 2 questions' });
  await expect(ask).toBeVisible();
  expect(calls, 'a link asks nothing by itself').toEqual([]);
  await ask.click();
  await expect(finished(page)).toHaveCount(4);
  const told = (model: string) => calls.filter((call) => call.model === model);
  for (const model of ['alpha', 'beta']) {
    expect(told(model).map(({ seed }) => seed)).toEqual([5, 6]);
    expect(told(model)[1]?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: `I am ${model} and was told 2 things.` },
      { role: 'user', content: 'Two?' },
    ]);
  }

  const said = await texts(page);
  await page.reload();
  await expect(finished(page)).toHaveCount(4);
  expect(await texts(page)).toEqual(said);

  await page.getByRole('checkbox', { name: 'Show where they part' }).check();
  await expect(answers(page).locator('mark')).toHaveText(['alpha', 'beta', 'alpha', 'beta']);

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const before = [...calls];
  const other = await context.newPage();
  await other.goto(link);
  await other.getByRole('button', { name: 'Ask these 2 questions' }).click();
  await expect(finished(other)).toHaveCount(4);
  const sorted = (all: readonly Call[]) => all.map((call) => JSON.stringify(call)).sort();
  expect(sorted(calls.slice(before.length))).toEqual(sorted(before));

  await other.goto('./#/chat?compare=alpha:0,gamma:0&ask=One%3F');
  await expect(other.getByText(/Not on this device: gamma/)).toBeVisible();
  await expect(other.getByRole('button', { name: 'Ask this question' })).toBeDisabled();
  await other.goto('./#/chat?compare=alpha:0');
  await expect(other.getByText(/The link to this comparison has one pane/)).toBeVisible();
  server.closeAllConnections();
  server.close();
});

test('a pane shows what is recorded of a model that is not loaded, beside a live one', async ({ page }) => {
  const { baseUrl, server } = await serveTwo([]);
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  const [persona] = exampleTalk().models;
  const talk = exampleTalk({ models: [{ ...persona!, id: 'mini-persona', persona: 'Mini' }] });
  const rollouts = exampleRollouts(runOfTalk(talk));
  const lines = writeTalkFile({ talk, rollouts }, { exportedAt: talk.createdAt, tool: 'otherself' });
  await page.goto('./#/stage');
  await page.locator('input[type=file]').setInputFiles({
    ...{ name: 'talk.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from([...lines].join('')) },
  });
  await expect(page.getByText(/6 recordings added/)).toBeVisible();
  await page.goto('./#/models');
  await addModel(page, baseUrl, 'alpha');

  await page.goto('./#/chat?compare=alpha:0.8,mini-persona:0.8');
  await page.getByRole('listitem').filter({ hasText: 'Dial' }).getByText('Recorded').click();
  await expect(page).toHaveURL(/mini-persona:0\.8:recorded/);
  expect(await faultsOf(page)).toEqual([]);
  const question = talk.prompts[0]!.text;
  const system = encodeURIComponent(talk.system);
  await page.goto(`./#/chat?compare=alpha:0.8,mini-persona:0.8:recorded&system=${system}&seed=1`);
  await page.getByRole('textbox', { name: 'Message to both' }).fill(question);
  await page.keyboard.press('Enter');
  await expect(finished(page)).toHaveCount(2);
  const [live, recorded] = await texts(page);
  expect(live).toMatch(/^I am alpha and was told 2 things/);
  expect(rollouts.map(({ text }) => text)).toContain(recorded);
  await expect(answers(page).getByText(/^Recorded 24 Nov 2026/)).toHaveCount(1);
  expect(fetched.filter((url) => /\.(onnx|bin|wasm)$/.test(url))).toEqual([]);

  await page.getByRole('textbox', { name: 'Message to both' }).fill('Never recorded?');
  await page.keyboard.press('Enter');
  await expect(answers(page).getByText(/Mini has no recording of this question/)).toBeVisible();
  await page.reload();
  await expect(answers(page).getByText(/^Recorded 24 Nov 2026/)).toHaveCount(1);
  expect(await faultsOf(page)).toEqual([]);
  server.closeAllConnections();
  server.close();
});

test('a persona and its base answer side by side, by the keyboard alone', async ({ page }) => {
  await page.goto('./#/chat');
  await pressOn(page, page.locator('summary', { hasText: 'Settings' }));
  await setNumber(page, 'Longest answer', '8');
  await pressOn(page, page.getByRole('button', { name: 'Compare' }));
  await expect(page.getByRole('heading', { name: 'Compare side by side' })).toBeVisible();
  await pressOn(page, page.getByRole('button', { name: 'Add pane' }));
  await expect(page.getByRole('button', { name: 'Remove pane 3' })).toBeVisible();
  expect(await faultsOf(page)).toEqual([]);
  const message = page.getByRole('textbox', { name: 'Message to all 3' });
  for (const [index, question] of ['What are you?', 'Where do you live?'].entries()) {
    await tabTo(page, message);
    await page.keyboard.type(question);
    await page.keyboard.press('Enter');
    // The third has another graph, and takes the place of the first two in memory.
    if (index === 0)
      await expect(page.getByText(/Answers after Mini: this device holds one model/)).toBeVisible({
        timeout: answersMs,
      });
    await expect(finished(page)).toHaveCount(3 * (index + 1), { timeout: answersMs });
    await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();
  }
  const said = await texts(page);
  expect(said[0]).not.toBe(said[1]);
  // The base of a persona's graph, and the same weights without one.
  expect(said[1]).toBe(said[2]);

  await tabTo(page, page.getByRole('checkbox', { name: 'Show where they part' }));
  await page.keyboard.press('Space');
  await expect(answers(page).getByText('(here they part)').first()).toBeAttached();
  expect(await faultsOf(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await faultsOf(page)).toEqual([]);

  // The third pane's own history goes on where the others are removed.
  await pressOn(page, page.getByRole('button', { name: 'Panes' }));
  await pressOn(page, page.getByRole('button', { name: 'Remove pane 1' }));
  await pressOn(page, page.getByRole('button', { name: 'Remove pane 1' }));
  await page.keyboard.press('Escape');
  await expect(answers(page)).toHaveCount(0);
  await expect(page.getByLabel('Model', { exact: true }).locator('option:checked')).toHaveText(
    'SmolLM2 135M',
  );
  expect(await page.getByRole('main').locator('.markdown').allInnerTexts()).toEqual([said[2], said[5]]);
});
