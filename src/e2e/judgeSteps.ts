import type { Locator, Page } from '@playwright/test';

interface JudgeInput {
  readonly baseUrl: string;
  readonly model?: string;
  readonly key?: string;
  readonly callsAtOnce?: number;
}

export async function setJudge(
  page: Page,
  { baseUrl, model = 'judge-x', key = '', callsAtOnce }: JudgeInput,
): Promise<void> {
  await page.goto('./#/settings');
  await page.getByLabel('Base URL').fill(baseUrl);
  await page.getByLabel('Model', { exact: true }).fill(model);
  await page.getByLabel('API key').fill(key);
  if (callsAtOnce !== undefined) await page.getByLabel('Calls at once').fill(String(callsAtOnce));
}

/** The part of a run's page about verdicts, with the judge of the settings chosen. */
export async function openVerdicts(page: Page, runId: string): Promise<Locator> {
  await page.goto(`./#/run/${runId}`);
  await page.getByText('A language model', { exact: true }).click();
  return page.locator('section').filter({ has: page.getByRole('heading', { name: 'Verdicts' }) });
}
