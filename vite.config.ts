import { svelte } from '@sveltejs/vite-plugin-svelte';
import sirv from 'sirv';
import { defineConfig, type Plugin } from 'vite';
import { compressPlugin } from './tools/compressPlugin.ts';
import { offlinePlugin } from './tools/offlinePlugin.ts';
import { developmentHeaders, securityHeaders, securityHeadersPlugin } from './tools/securityHeaders.ts';

/** The development server, too, serves what otherself convert wrote. */
const checkpointsPlugin: Plugin = {
  name: 'otherself-checkpoints',
  configureServer(server) {
    server.middlewares.use('/models/checkpoints', sirv('models/checkpoints', { dev: true }));
  },
};

export default defineConfig({
  // Relative addresses: the built folder works under any path of any static host.
  base: './',
  plugins: [svelte(), securityHeadersPlugin(), offlinePlugin(), checkpointsPlugin, compressPlugin()],
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  build: {
    target: 'es2023',
    // The first with light-dark(), which every colour is written in; older forms of it cannot be nested.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // tools/checkFirstLoad.ts reads it.
    manifest: true,
    modulePreload: { polyfill: false },
    // Which plugin took how long is of no use to someone who types npm start.
    rolldownOptions: { checks: { pluginTimings: false } },
    // An inlined file would be a data: address, which the policy refuses for everything but images.
    assetsInlineLimit: 0,
    // ONNX Runtime alone is larger than the default limit; the first load has its own, stricter check.
    chunkSizeWarningLimit: 2000,
  },
  server: { host: '127.0.0.1', headers: developmentHeaders },
  preview: { host: '127.0.0.1', headers: securityHeaders },
});
