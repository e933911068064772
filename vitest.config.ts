import { svelte } from '@sveltejs/vite-plugin-svelte';
import { configDefaults, defineConfig } from 'vitest/config';

/** Unit tests, in Node. Those that need a real browser are named `*.browser.test.ts`: vitest.browser.config.ts. */
export default defineConfig({
  plugins: [svelte()],
  test: {
    name: 'unit',
    include: ['{src,tools,bench}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.browser.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Waits for as long as a busy machine may need, not for a second.
    expect: { poll: { timeout: 20_000 } },
  },
});
