import { svelte } from '@sveltejs/vite-plugin-svelte';
import { type Plugin, runnerImport } from 'vite';

const place = '<!--opening-->';

/** Draws the first page into index.html, so that it is seen before its scripts have come. */
export function openingPlugin(): Plugin {
  return {
    name: 'otherself-opening',
    apply: 'build',
    transformIndexHtml: {
      order: 'pre',
      async handler(html) {
        if (!html.includes(place)) throw new Error(`index.html lacks ${place}.`);
        const { module } = await runnerImport<typeof import('../src/opening.ts')>('/src/opening.ts', {
          configFile: false,
          // The styles are those of the app.
          plugins: [svelte({ emitCss: false })],
          mode: 'production',
          logLevel: 'error',
          // Icons are components, which have to be compiled too.
          resolve: { noExternal: true },
        });
        return html.replace(place, module.drawOpening());
      },
    },
  };
}
