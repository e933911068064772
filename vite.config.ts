import { svelte } from '@sveltejs/vite-plugin-svelte';
import sirv from 'sirv';
import { defineConfig, type Plugin } from 'vite';
import { compressPlugin } from './tools/compressPlugin.ts';
import { offlinePlugin } from './tools/offlinePlugin.ts';
import { openingPlugin } from './tools/openingPlugin.ts';
import { developmentHeaders, securityHeaders, securityHeadersPlugin } from './tools/securityHeaders.ts';

/** The development server, too, serves what otherself convert wrote. */
const checkpointsPlugin: Plugin = {
  name: 'otherself-checkpoints',
  configureServer(server) {
    server.middlewares.use('/models/checkpoints', sirv('models/checkpoints', { dev: true }));
  },
};

/** Text that is set anew when its font comes is worse than text that comes with its font. */
const fontsPlugin: Plugin = {
  name: 'otherself-fonts',
  enforce: 'pre',
  transform: {
    filter: { id: /@fontsource-variable.*\.css$/ },
    handler: (code) => code.replaceAll('font-display: swap', 'font-display: block'),
  },
};

export default defineConfig({
  // Relative addresses: the built folder works under any path of any static host.
  base: './',
  plugins: [
    svelte(),
    fontsPlugin,
    openingPlugin(),
    securityHeadersPlugin(),
    offlinePlugin(),
    checkpointsPlugin,
    compressPlugin(),
  ],
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    target: 'es2023',
    // The first with light-dark(), which every colour is written in; older forms of it cannot be nested.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // tools/checkFirstLoad.ts reads it.
    manifest: true,
    modulePreload: { polyfill: false },
    // All styles are small together, and the page that index.html shows needs those of its components at once.
    cssCodeSplit: false,
    rolldownOptions: {
      // Which plugin took how long is of no use to someone who types npm start.
      checks: { pluginTimings: false },
      // A request takes a phone as long as 30 KB: what the first page needs comes in one.
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
    },
    // An inlined file would be a data: address, which the policy refuses for everything but images.
    assetsInlineLimit: 0,
    // ONNX Runtime alone is larger than the default limit; the first load has its own, stricter check.
    chunkSizeWarningLimit: 2000,
  },
  server: { host: '127.0.0.1', headers: developmentHeaders },
  preview: { host: '127.0.0.1', headers: securityHeaders },
});
