import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium, softwareGpuArgs } from './tools/chromium.ts';

const { executablePath, args, env } = await findChromium();

/** Tests that need a real browser: IndexedDB, workers, WebAssembly, components. */
export default defineConfig({
  plugins: [svelte()],
  worker: { format: 'es' },
  cacheDir: '.cache/vite-browser',
  // All that any test may import is bundled before the first: a package met later reloads the page in mid-test.
  optimizeDeps: {
    entries: ['src/**/*.browser.test.ts', 'src/**/worker.ts', 'src/main.ts', 'src/app/**/*.svelte'],
  },
  server: {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
  test: {
    name: 'browser',
    include: ['src/**/*.browser.test.ts'],
    globalSetup: ['./tools/convertFixture.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Waits for as long as a busy machine may need, not for a second.
    expect: { poll: { timeout: 20_000 } },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: [...args, ...softwareGpuArgs], env } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
