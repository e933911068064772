import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { type RunFile, writeRunFile } from '../core/runFile.ts';
import { exampleRollouts, exampleVerdict, rulesJudging } from '../core/testing/exampleRecords.ts';
import { exampleRun, servedModel } from '../core/testing/exampleRun.ts';

const identityRubric = JSON.parse(await readFile('src/suites/rubrics/identity.json', 'utf8')) as {
  readonly id: string;
  readonly version: number;
  readonly signals: readonly { readonly id: string }[];
};

export const fileOrigin = { exportedAt: '2026-11-24T12:00:00.000Z', tool: 'otherself 0.1.0' };

/** A judged run of two models over three prompts. */
export function judgedRun(): RunFile {
  const judging = { ...rulesJudging, rubric: identityRubric.id, rubricVersion: identityRubric.version };
  const run = exampleRun({
    name: 'From a file',
    models: [servedModel('one'), servedModel('two')],
    judgings: [judging],
  });
  const rollouts = exampleRollouts(run);
  const verdicts = rollouts.map(({ key }, index) => {
    const scores = identityRubric.signals.map(({ id }, place) => [id, (index * 17 + place * 31) % 101]);
    return exampleVerdict(key, judging, { scores: Object.fromEntries(scores) as Record<string, number> });
  });
  return { run, rollouts, verdicts, beliefs: [] };
}

export function runText(file: RunFile): string {
  return [...writeRunFile(file, fileOrigin)].join('');
}

/** Gives a file to the picker of this name. */
export async function pickFile(page: Page, label: string, name: string, text: string): Promise<void> {
  // The input itself is hidden behind its button.
  await page
    .locator(`input[type=file][aria-label="${label}"]`)
    .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
}

export async function importRun(page: Page, text: string, name = 'run.jsonl'): Promise<void> {
  await page.goto('./#/run');
  await page.locator('summary', { hasText: 'Import a run' }).click();
  await pickFile(page, 'Import a run', name, text);
}
