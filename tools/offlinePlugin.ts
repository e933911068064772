import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import type { ManifestTransform } from 'workbox-build';

const outFolder = 'dist';
/** What src/stores/offline reads, to tell whether everything is stored. */
const listName = 'offline.json';
/** As in styles/tokens.css: --paper in the light. */
const paper = '#fafbfa';

const icon = (size: number, purpose: 'any' | 'maskable') => ({
  src: `icons/${purpose}-${size}.png`,
  sizes: `${size}x${size}`,
  type: 'image/png',
  purpose,
});

/**
 * Makes the page installable, and writes the service worker that stores all of it but the models, which their
 * engines keep themselves. See docs/decisions/2026-11-28-offline.md.
 */
export function offlinePlugin(): Plugin[] {
  return VitePWA({
    outDir: outFolder,
    registerType: 'prompt',
    // src/stores/offline/appWorker.ts registers it, after the first load.
    injectRegister: null,
    includeManifestIcons: false,
    manifest: {
      name: 'Otherself',
      short_name: 'Otherself',
      description: 'See who a language model becomes when it stops calling itself an AI.',
      lang: 'en-GB',
      display: 'standalone',
      background_color: paper,
      theme_color: paper,
      icons: [icon(192, 'any'), icon(512, 'any'), icon(192, 'maskable'), icon(512, 'maskable')],
    },
    workbox: {
      // The caches are named after it; src/stores/offline/appFiles.ts looks into them.
      cacheId: 'otherself',
      globPatterns: ['**/*.{html,js,mjs,css,wasm,woff2,svg,png,webmanifest}'],
      globIgnores: ['models/**'],
      maximumFileSizeToCacheInBytes: 64_000_000,
      manifestTransforms: [sealFiles],
      // Every screen stands behind the `#` of one page. Other addresses are other files, to be fetched.
      navigateFallback: null,
      ignoreURLParametersMatching: [/./],
      inlineWorkboxRuntime: true,
      // It would take the files of a copy of the app below this one for outdated.
      cleanupOutdatedCaches: false,
      // The first page, too, finds its lazy parts without the network, without a reload.
      clientsClaim: true,
    },
  });
}

/**
 * Gives every file its hash, so that what a half-published site serves is refused, and writes the list of them.
 * The list is stored beside them.
 */
const sealFiles: ManifestTransform = async (entries) => {
  const files = await Promise.all(
    entries.map(async (entry) => ({
      ...entry,
      integrity: integrityOf(await readFile(join(outFolder, entry.url))),
    })),
  );
  const listed = files.map(({ url, revision, size, integrity }) => ({
    url,
    revision,
    bytes: size,
    integrity,
  }));
  const text = JSON.stringify(listed);
  await writeFile(join(outFolder, listName), text);
  const revision = createHash('md5').update(text).digest('hex');
  const list = { url: listName, revision, size: Buffer.byteLength(text), integrity: integrityOf(text) };
  return { manifest: [...files, list] };
};

function integrityOf(content: string | Uint8Array): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
