import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findChromium, softwareGpuArgs } from './tools/chromium.ts';

const { executablePath, args, env } = await findChromium();

/** Tests that need a real browser: IndexedDB, workers, WebAssembly, components. */
export default defineConfig({
  plugins: [svelte()],
  worker: { format: 'es' },
  // Found by the first test that starts a worker; the page would be loaded anew in the middle of it.
  optimizeDeps: {
    include: [
      '@huggingface/transformers',
      'dompurify',
      'marked',
      'pure-rand/distribution/uniformFloat64',
      'pure-rand/generator/mersenne',
    ],
  },
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
    testTimeout: 60_000,
    hookTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: [...args, ...softwareGpuArgs], env } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
