import { defineConfig, devices } from '@playwright/test';
import { findChromium, softwareGpuArgs } from './tools/chromium.ts';

const { executablePath, args, env } = await findChromium();

/** Flows on the production build. src/e2e/fixtures.ts serves it and watches for errors. */
export default defineConfig({
  testDir: 'src/e2e',
  testMatch: '*.spec.ts',
  outputDir: '.cache/e2e',
  snapshotPathTemplate: '{testDir}/looks/{arg}{ext}',
  globalSetup: './src/e2e/buildFirst.ts',
  // One at a time: each flow may hold a model of 1.5 GB and both cores.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  // Generating on two busy cores is slow; the flows themselves wait for what they expect.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '.cache/results/e2e.json' }]],
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: { executablePath, args: [...args, ...softwareGpuArgs], env },
    // Storing 50 MB beside each flow would slow it down; offline.spec.ts allows it.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
  },
  projects: [{ name: 'chromium' }],
});
