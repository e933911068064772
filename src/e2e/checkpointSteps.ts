import { resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect } from './fixtures.ts';

export const folderOf = (name: string): string => resolve('.cache/webllm', name);

/** A model's entry on the page of models, by its name there. */
export function entryOf(page: Page, name: string): Locator {
  return page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

export async function importFolder(entry: Locator, name: string): Promise<void> {
  const sources = entry.getByText('Other sources');
  if (!(await entry.getByRole('button', { name: 'Import a folder' }).isVisible())) await sources.click();
  await entry.locator('input[type=file]').setInputFiles(folderOf(name));
  await expect(entry.getByText(/ready offline/)).toBeVisible({ timeout: 30_000 });
}

/** Puts the tiny fine-tuned Mistral in Maria's place. */
export async function installMaria(page: Page): Promise<void> {
  await page.goto('./#/models');
  await importFolder(entryOf(page, 'Maria'), 'mistral-persona');
}
